// Jest runs on the TypeScript sources: @walrusmq/* maps to libs/*/src and apps/*/src.
// `unit` is what stands beside the sources, `long` those of it that take many seconds;
// `integration` is test/: what crosses packages or processes; `clients` is what of that needs
// clients that are not installed with the packages.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');

/** Those of some folders that exist; Jest refuses a root that does not. */
const roots = (...folders) =>
  folders.map((folder) => path.join(__dirname, folder)).filter((folder) => existsSync(folder));

/**
 * The packages whose `.js` files are ES modules, which Jest cannot require on Node 20. The files of
 * all others are loaded as they are: hashing and looking each up for every spec costs more than
 * running it.
 */
function esModulePackages() {
  const modules = path.join(__dirname, 'node_modules');
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@')
      ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`)
      : name,
  );
  return names.filter((name) => {
    const manifest = path.join(modules, name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
  });
}

/**
 * The doors of packages that all specs of a process share. Nest is 600 modules, and 50 specs start
 * a broker; what it keeps, it keeps by the classes that it is given, which are each spec's own.
 */
const SHARED = ['@nestjs/core', '@nestjs/common', 'reflect-metadata'].map((name) => {
  const folder = path.join(__dirname, 'node_modules', name);
  const { main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.relative(path.join(__dirname, 'node_modules'), path.join(folder, main));
});
const shared = `/node_modules/(?:${SHARED.join('|').replaceAll('.', '\\.')})$`;

const compiled = [...esModulePackages(), 'reflect-metadata'].join('|');

/** @type {import('jest').Config} */
const common = {
  rootDir: __dirname,
  testEnvironment: path.join(__dirname, 'scripts/jest/node-environment.cjs'),
  modulePathIgnorePatterns: ['/dist/', '/build/', '/build-[^/]+/'],
  resolver: path.join(__dirname, 'scripts/jest/jest-resolver.cjs'),
  transform: {
    [shared]: path.join(__dirname, 'scripts/jest/shared-packages.cjs'),
    '\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
        // In a file of its own: V8 would read it through with every load of the module.
        sourceMaps: true,
      },
    ],
    '\\.m?js$': path.join(__dirname, 'scripts/jest/esm-to-cjs.cjs'),
  },
  // By the last node_modules of a path: what lies in a package's own is another package's.
  transformIgnorePatterns: [`/node_modules/(?!(?:${compiled})/|.*\\.mjs$)(?!.*/node_modules/)`],
};

/**
 * Specs of many seconds, which `make check` leaves to `make test`: models, plants that are looked
 * for by whole tools, bytes that are drawn and spoilt by the thousand, and clients that wait for
 * sessions, quotas or stalls to run out.
 */
const LONG = [
  'apps/broker/src/group/group-model.spec.ts',
  'apps/broker/src/network/quota-requests.spec.ts',
  'apps/broker/test/failure-modes.spec.ts',
  'apps/broker/test/instances.spec.ts',
  'apps/broker/test/kafka-cves.spec.ts',
  'apps/broker/test/kafka-failure-modes.spec.ts',
  'apps/broker/test/kafka-groups.spec.ts',
  'apps/broker/test/memory-bounds.spec.ts',
  'bench/plots/charts.spec.ts',
  'libs/client/src/public-types.spec.ts',
  'libs/kafka-protocol/src/golden.spec.ts',
  'libs/kafka-protocol/src/hostile.spec.ts',
  'libs/kafka-protocol/src/message-frame.spec.ts',
  'libs/kafka-protocol/src/round-trip.spec.ts',
  'libs/protocol/src/msgpack/frame-hostile.spec.ts',
  'libs/record-batch/src/batch-hostile.spec.ts',
  'libs/record-batch/src/compression/codec.spec.ts',
  'scripts/import-rules.spec.ts',
  'scripts/lane-runner.spec.ts',
  'scripts/setup.spec.ts',
];
for (const file of LONG) {
  if (!existsSync(path.join(__dirname, file))) throw new Error(`LONG names ${file}: there is none`);
}

const onSources = {
  '^@walrusmq/native$': '<rootDir>/native/index.js',
  '^@walrusmq/(record-batch|protocol|kafka-protocol|storage|client|nestjs|testing)$':
    '<rootDir>/libs/$1/src/index.ts',
  '^@walrusmq/(broker|admin|cli)$': '<rootDir>/apps/$1/src/index.ts',
};

/** @type {import('jest').Config} */
module.exports = {
  // Ends a test that hangs. No test is judged by its time, so a loaded machine must not reach it.
  testTimeout: 60_000,
  cacheDirectory: path.join(__dirname, 'node_modules/.cache/jest'),
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots: roots('libs', 'apps', 'examples', 'bench', 'scripts'),
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: LONG.map((file) => `<rootDir>/${file.replaceAll('.', '\\.')}$`),
      moduleNameMapper: onSources,
    },
    {
      ...common,
      displayName: 'long',
      roots: roots('libs', 'apps', 'examples', 'bench', 'scripts'),
      testMatch: LONG.map((file) => `<rootDir>/${file}`),
      moduleNameMapper: onSources,
    },
    {
      ...common,
      displayName: 'integration',
      roots: roots('test'),
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/test/clients/heavy/'],
      moduleNameMapper: onSources,
    },
    {
      ...common,
      displayName: 'clients',
      roots: roots('test/clients/heavy'),
      testMatch: ['**/*.spec.ts'],
      moduleNameMapper: onSources,
    },
  ],
};
