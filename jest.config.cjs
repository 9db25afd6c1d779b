// Jest runs on the TypeScript sources: @walrusmq/* maps to libs/*/src and apps/*/src.
// `unit` is what stands beside the sources; `integration` is test/: what crosses packages or
// processes.
const { existsSync } = require('node:fs');
const path = require('node:path');

/** Those of some folders that exist; Jest refuses a root that does not. */
const roots = (...folders) =>
  folders.map((folder) => path.join(__dirname, folder)).filter((folder) => existsSync(folder));

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
        sourceMaps: 'inline',
      },
    ],
    '\\.m?js$': path.join(__dirname, 'scripts/jest/esm-to-cjs.cjs'),
  },
  transformIgnorePatterns: ['/node_modules/(@swc|typescript)/'],
};

const onSources = {
  '^@walrusmq/native$': '<rootDir>/native/index.js',
  '^@walrusmq/(record-batch|protocol|kafka-protocol|storage|client|nestjs|testing)$':
    '<rootDir>/libs/$1/src/index.ts',
  '^@walrusmq/(broker|admin|cli)$': '<rootDir>/apps/$1/src/index.ts',
};

/** @type {import('jest').Config} */
module.exports = {
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
      moduleNameMapper: onSources,
    },
  ],
};
