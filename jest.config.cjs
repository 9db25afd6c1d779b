// Jest runs on the TypeScript sources: @walrusmq/* maps to libs/*/src and apps/*/src.
const path = require('node:path');

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/scripts', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/', '/build/'],
  resolver: path.join(__dirname, 'scripts/jest/jest-resolver.cjs'),
  moduleNameMapper: {
    '^@walrusmq/native$': '<rootDir>/native/index.js',
    '^@walrusmq/(record-batch|protocol|storage|client)$': '<rootDir>/libs/$1/src/index.ts',
    '^@walrusmq/(broker|cli)$': '<rootDir>/apps/$1/src/index.ts',
  },
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
