import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruiseImports, type ImportReport } from './import-rules';

const REPOSITORY = join(__dirname, '..');

/**
 * What stands in a tree that breaks no rule: the doors of all packages, and a few files behind
 * them.
 */
const SOUND: Readonly<Record<string, string>> = {
  'native/index.d.ts': 'export declare class Wal {}',
  'libs/record-batch/src/index.ts': "export { batch } from './batch';",
  'libs/record-batch/src/batch.ts': 'export const batch = 1;',
  'libs/protocol/src/index.ts': "export { batch as frame } from '@walrusmq/record-batch';",
  'libs/kafka-protocol/src/index.ts': 'export const codec = 1;',
  'libs/storage/src/index.ts': "export { Wal } from './native-binding';",
  'libs/storage/src/native-binding.ts': "export { Wal } from '@walrusmq/native';",
  'libs/client/src/index.ts': "export { frame as send } from '@walrusmq/protocol';",
  'libs/nestjs/src/index.ts': "export { send as emit } from '@walrusmq/client';",
  'libs/testing/src/index.ts': "export { start as startForTest } from '@walrusmq/broker';",
  'apps/broker/package.json': '{ "dependencies": { "@nestjs/core": "*" } }',
  'apps/broker/src/index.ts': "export { start } from './main';",
  'apps/broker/src/main.ts':
    "import '@nestjs/core';\nimport './network/tcp-server';\nexport const start = 1;",
  'apps/broker/src/network/tcp-server.ts': "import '../msgpack/op-table';\nexport const tcp = 1;",
  'apps/broker/src/msgpack/op-table.ts': "import '../group/group-state';\nexport const ops = 1;",
  'apps/broker/src/kafka/api-table.ts': "import '../partition/partition';\nexport const apis = 1;",
  'apps/broker/src/group/group-state.ts': "import '../topic/topics';\nexport const group = 1;",
  'apps/broker/src/topic/topics.ts': "import '../instance/instance';\nexport const topics = 1;",
  'apps/broker/src/partition/partition.ts':
    "import '@walrusmq/storage';\nexport const partition = 1;",
  'apps/broker/src/instance/instance.ts':
    "import '../security/tokens';\nexport const instance = 1;",
  'apps/broker/src/security/tokens.ts': "import '../config/settings';\nexport const tokens = 1;",
  'apps/broker/src/observability/metrics.ts':
    "import '../config/settings';\nexport const metrics = 1;",
  'apps/broker/src/config/settings.ts': 'export const settings = 1;',
  'apps/admin/src/index.ts': "export { send as admin } from '@walrusmq/client';",
  'apps/cli/src/index.ts': "import './commands/broker';\nimport './commands/wal/dump';",
  'apps/cli/src/commands/broker.ts': "import '@walrusmq/broker';\nexport const broker = 1;",
  'apps/cli/src/commands/wal/dump.ts': "import '@walrusmq/storage';\nexport const dump = 1;",
  'test/crash/kill.spec.ts': "import '@walrusmq/client';",
};

/** One breach per rule, each in a file of its own: [rule, file, import]. */
const PLANTS: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['no-unresolvable', 'libs/client/src/planted-1.ts', './nowhere'],
  ['package-libs-record-batch', 'libs/record-batch/src/planted-2.ts', '@walrusmq/protocol'],
  ['package-libs-protocol', 'libs/protocol/src/planted-3.ts', '@walrusmq/storage'],
  ['package-libs-kafka-protocol', 'libs/kafka-protocol/src/planted-36.ts', '@walrusmq/protocol'],
  ['package-libs-storage', 'libs/storage/src/planted-4.ts', '@walrusmq/protocol'],
  ['package-libs-client', 'libs/client/src/planted-5.ts', '@walrusmq/storage'],
  ['package-libs-nestjs', 'libs/nestjs/src/planted-6.ts', '@walrusmq/protocol'],
  ['package-libs-testing', 'libs/testing/src/planted-7.ts', '@walrusmq/storage'],
  ['package-apps-broker', 'apps/broker/src/planted-8.ts', '@walrusmq/client'],
  ['package-apps-admin', 'apps/admin/src/planted-9.ts', '@walrusmq/broker'],
  ['package-apps-cli', 'apps/cli/src/planted-10.ts', '@walrusmq/nestjs'],
  ['broker-layer-config', 'apps/broker/src/config/planted-11.ts', '../instance/instance'],
  ['broker-layer-observability', 'apps/broker/src/observability/planted-12.ts', '../topic/topics'],
  ['broker-layer-security', 'apps/broker/src/security/planted-13.ts', '../topic/topics'],
  ['broker-layer-instance', 'apps/broker/src/instance/planted-14.ts', '../partition/partition'],
  ['broker-layer-topic', 'apps/broker/src/topic/planted-15.ts', '../group/group-state'],
  ['broker-layer-partition', 'apps/broker/src/partition/planted-16.ts', '../msgpack/op-table'],
  ['broker-layer-group', 'apps/broker/src/group/planted-17.ts', '../msgpack/op-table'],
  ['broker-layer-reader', 'apps/broker/src/reader/planted-35.ts', '../msgpack/op-table'],
  ['broker-layer-kafka', 'apps/broker/src/kafka/planted-18.ts', '../msgpack/op-table'],
  ['broker-layer-msgpack', 'apps/broker/src/msgpack/planted-19.ts', '../network/tcp-server'],
  ['broker-layer-network', 'apps/broker/src/network/planted-20.ts', '../main'],
  ['one-door-per-package', 'libs/client/src/planted-21.ts', '../../record-batch/src/batch'],
  ['no-own-barrel', 'libs/client/src/planted-22.ts', './barrel/index'],
  ['door-not-from-inside', 'libs/record-batch/src/planted-23.ts', './index'],
  ['native-only-from-native-binding', 'libs/storage/src/planted-24.ts', '@walrusmq/native'],
  [
    'only-broker-and-dev-commands-open-doors',
    'apps/cli/src/commands/planted-25.ts',
    '@walrusmq/broker',
  ],
  ['only-wal-commands-open-storage', 'apps/cli/src/commands/planted-26.ts', '@walrusmq/storage'],
  ['nest-only-in-wiring', 'apps/broker/src/partition/planted-27.ts', '@nestjs/common'],
  ['no-nest-below-the-apps', 'libs/storage/src/planted-28.ts', '@nestjs/common'],
  ['sources-do-not-import-tests', 'libs/client/src/planted-29.ts', './planted-30.spec'],
  ['declared-dependencies', 'libs/client/src/planted-31.ts', 'kafkajs'],
  ['declared-development-dependencies', 'test/crash/planted-34.ts', 'commander'],
];

const CYCLE = {
  'libs/client/src/planted-32.ts': "import type { B } from './planted-33';\nexport type A = B[];",
  'libs/client/src/planted-33.ts':
    "import type { A } from './planted-32';\nexport interface B { a: A }",
};

const BEHIND_PLANTS = {
  'libs/client/src/barrel/index.ts': 'export const barrel = 1;',
  'libs/client/src/planted-30.spec.ts': 'export const fixture = 1;',
};

/** Writes a tree with the repository's own rules beside it. */
function plantTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'walrusmq-imports-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json', 'tsconfig.check.json']) {
    cpSync(join(REPOSITORY, name), join(root, name));
  }
  cpSync(join(REPOSITORY, 'package.json'), join(root, 'package.json'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  return root;
}

describe('the import rules', () => {
  const roots: string[] = [];
  const cruise = (files: Readonly<Record<string, string>>): ImportReport => {
    const root = plantTree(files);
    roots.push(root);
    return cruiseImports(root);
  };
  let planted: ImportReport;

  beforeAll(() => {
    const imports = PLANTS.map(([, file, imported]): [string, string] => [
      file,
      `import '${imported}';`,
    ]);
    planted = cruise({ ...SOUND, ...BEHIND_PLANTS, ...CYCLE, ...Object.fromEntries(imports) });
  }, 60_000);

  afterAll(() => {
    for (const root of roots) rmSync(root, { recursive: true });
  });

  it('find nothing wrong in a tree that follows them', () => {
    const { breaches, unseen, moduleCount } = cruise(SOUND);
    expect(breaches).toEqual([]);
    expect(unseen).toEqual([]);
    expect(moduleCount).toBeGreaterThanOrEqual(Object.keys(SOUND).length - 2);
  }, 60_000);

  it('name the files that a cruise did not see', () => {
    const root = plantTree(SOUND);
    roots.push(root);
    const blind =
      "module.exports = { forbidden: [{ name: 'none', from: {}, to: { circular: true } }],";
    const options = "options: { includeOnly: '^libs/protocol/' } };";
    writeFileSync(join(root, '.dependency-cruiser.cjs'), `${blind} ${options}\n`);
    expect(cruiseImports(root).unseen).toContain('apps/broker/src/main.ts');
  }, 60_000);

  it.each(PLANTS)('%s reports %s importing %s', (rule, file) => {
    expect(planted.breaches).toContainEqual(expect.objectContaining({ rule, from: file }));
  });

  it('no-circular reports a cycle of type imports', () => {
    const cycles = planted.breaches.filter(({ rule }) => rule === 'no-circular');
    expect(cycles.map(({ from }) => from)).toContain('libs/client/src/planted-32.ts');
  });

  it('are each planted at least once', () => {
    const covered = [...PLANTS.map(([rule]) => rule), 'no-circular'];
    expect([...planted.rules].sort()).toEqual(covered.sort());
  });
});
