// Who may import whom (ARCHITECTURE.md draws it). scripts/import-rules.ts runs this over the
// sources, type imports included; @walrusmq/* resolves to sources through tsconfig.check.json.

const TESTS = '\\.(spec|contract|property)\\.ts$|^(libs|apps)/[^/]+/(test|testing)/';
const BROKER = '^apps/broker/src';
const NEST = 'node_modules/(@nestjs/|rxjs/|reflect-metadata/)';

/** A folder of the broker may import itself and these folders, and no other file of the broker. */
const BROKER_LAYERS = {
  config: [],
  observability: ['config', 'instance', 'security'],
  security: ['config', 'instance', 'observability'],
  instance: ['config', 'security', 'observability'],
  topic: ['config', 'security', 'observability', 'instance', 'partition'],
  partition: ['config', 'security', 'observability', 'instance', 'topic'],
  group: ['config', 'security', 'observability', 'instance', 'topic', 'partition'],
  reader: ['config', 'security', 'observability', 'instance', 'topic', 'partition'],
  kafka: ['config', 'security', 'observability', 'instance', 'topic', 'partition', 'group'],
  msgpack: [
    'config',
    'security',
    'observability',
    'instance',
    'topic',
    'partition',
    'group',
    'reader',
  ],
  network: [
    'config',
    'security',
    'observability',
    'instance',
    'topic',
    'partition',
    'group',
    'reader',
    'kafka',
    'msgpack',
  ],
};

/** A package may import these packages of ours, and no other. */
const PACKAGES = {
  'libs/record-batch': [],
  'libs/protocol': ['libs/record-batch'],
  'libs/kafka-protocol': [],
  'libs/storage': ['libs/record-batch', 'native'],
  'libs/client': ['libs/record-batch', 'libs/protocol'],
  'libs/nestjs': ['libs/client'],
  'libs/testing': ['libs/client', 'apps/broker', 'apps/admin'],
  'apps/broker': ['libs/record-batch', 'libs/protocol', 'libs/kafka-protocol', 'libs/storage'],
  'apps/admin': ['libs/record-batch', 'libs/protocol', 'libs/client'],
  'apps/cli': [
    'libs/record-batch',
    'libs/protocol',
    'libs/client',
    // Narrowed to single files by only-… below.
    'libs/storage',
    'apps/broker',
    'apps/admin',
  ],
};

const layerRules = Object.entries(BROKER_LAYERS).map(([folder, below]) => ({
  name: `broker-layer-${folder}`,
  comment: `${folder}/ imports ${below.length === 0 ? 'no other folder' : below.join(', ')}`,
  severity: 'error',
  from: { path: `${BROKER}/${folder}/` },
  to: { path: `${BROKER}/`, pathNot: `${BROKER}/(${[folder, ...below].join('|')})/` },
}));

const packageRules = Object.entries(PACKAGES).map(([from, to]) => ({
  name: `package-${from.replace('/', '-')}`,
  comment: `${from} imports ${to.length === 0 ? 'no package of ours' : to.join(', ')}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(libs/[^/]+|apps/[^/]+|native)/', pathNot: `^(${[from, ...to].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'move what both need below them; type imports count',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'the import leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...packageRules,
    ...layerRules,
    {
      name: 'one-door-per-package',
      comment: 'import another package by its name; what is missing goes into its index.ts',
      severity: 'error',
      from: { path: '^((?:libs|apps)/[^/]+|test|examples|bench|scripts)/' },
      to: { path: '^(libs|apps)/[^/]+/', pathNot: ['^$1/', '^(libs|apps)/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'no-own-barrel',
      comment: 'only a package has an index.ts; inside it, import the file itself',
      severity: 'error',
      from: {},
      to: { path: '^(libs|apps)/[^/]+/src/.+/index\\.ts$' },
    },
    {
      name: 'door-not-from-inside',
      comment: 'a package does not go through its own door: import the file itself',
      severity: 'error',
      from: { path: '^((?:libs|apps)/[^/]+)/src/', pathNot: ['/src/main\\.ts$', TESTS] },
      to: { path: '^$1/src/index\\.ts$' },
    },
    {
      name: 'native-only-from-native-binding',
      comment: 'the addon is loaded by libs/storage/src/native-binding.ts and nowhere else',
      severity: 'error',
      from: {
        pathNot: ['^libs/storage/src/native-binding(\\.spec)?\\.ts$', '^(native|test/native)/'],
      },
      to: { path: '^native/' },
    },
    {
      name: 'only-broker-and-dev-commands-open-doors',
      comment:
        'the broker and the admin are started by commands/broker.ts, commands/dev.ts, libs/testing',
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: '^apps/cli/src/commands/(broker|dev)(\\.spec)?\\.ts$' },
      to: { path: '^apps/(broker|admin)/' },
    },
    {
      name: 'only-wal-commands-open-storage',
      comment: 'client commands talk to a broker; only commands/wal/ opens a directory',
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: '^apps/cli/src/commands/wal/' },
      to: { path: '^libs/storage/' },
    },
    {
      name: 'nest-only-in-wiring',
      comment: 'Nest wires main, broker.module and broker-lifecycle; folders hold plain classes',
      severity: 'error',
      from: { path: `${BROKER}/[^/]+/` },
      to: { path: NEST },
    },
    {
      name: 'no-nest-below-the-apps',
      comment: 'libraries (but libs/nestjs) and the command line know no framework',
      severity: 'error',
      from: { path: '^(libs/(?!nestjs/)|apps/cli/)' },
      to: { path: NEST },
    },
    {
      name: 'sources-do-not-import-tests',
      comment: 'what a test and a source share is a source',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: TESTS },
      to: { path: [TESTS, '^test/', '^libs/testing/'] },
    },
    {
      name: 'declared-dependencies',
      comment: 'add it to dependencies of the package.json beside it',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: TESTS },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        // A package that the root has for development too is both.
        dependencyTypesNot: ['npm'],
      },
    },
    {
      name: 'declared-development-dependencies',
      comment: 'add it to devDependencies of the root package.json',
      severity: 'error',
      from: { path: ['^(test|bench|examples|scripts)/', TESTS] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^native/'] },
    exclude: { path: ['/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'require', 'node', 'default'],
      mainFields: ['types', 'main'],
      extensions: ['.ts', '.d.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
