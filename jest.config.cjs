// Jest runs on the TypeScript sources: @walrusmq/* maps to libs/*/src and apps/*/src.
// `unit` is what stands beside the sources; `integration` is test/: what crosses packages or
// processes; `clients` is what of that needs clients that are not installed with the packages.
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

/** @type {import('jest').Config} */
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['/dist/', '/build/', '/build-[^/]+/'],
  resolver: path.join(__dirname, 'scripts/jest/jest-resolver.cjs'),
  transform: {
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
  transformIgnorePatterns: [
    `/node_modules/(?!(?:${esModulePackages().join('|')})/|.*\\.mjs$)(?!.*/node_modules/)`,
  ],
};

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
      ...shared,
      displayName: 'unit',
      roots: roots('libs', 'apps', 'examples', 'bench', 'scripts'),
      testMatch: ['**/*.spec.ts'],
      moduleNameMapper: onSources,
    },
    {
      ...shared,
      displayName: 'integration',
      roots: roots('test'),
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/test/clients/heavy/'],
      moduleNameMapper: onSources,
    },
    {
      ...shared,
      displayName: 'clients',
      roots: roots('test/clients/heavy'),
      testMatch: ['**/*.spec.ts'],
      moduleNameMapper: onSources,
    },
  ],
};
