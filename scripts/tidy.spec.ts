import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cppFunctions } from './tidy/cpp-functions';
import { RULES } from './tidy/rules';
import { fileLines, functionLines } from './tidy/size-rules';
import { SourceTree, type Breach } from './tidy/source-tree';

/** The breaches that all rules but the map's find in some files. */
function breachesIn(files: Readonly<Record<string, string>>): (Breach & { rule: string })[] {
  const tree = SourceTree.of(files);
  return RULES.filter(({ name }) => !name.startsWith('ARCHITECTURE')).flatMap((rule) =>
    rule.find(tree).map((breach) => ({ ...breach, rule: rule.name })),
  );
}

const DOCUMENTED = '/** A counter that only goes up; add() returns the new value. */\n';
const repeat = (line: string, count: number): string => `${line}\n`.repeat(count);

interface Plant {
  readonly rule: string;
  readonly path: string;
  /** Breaks the rule. */
  readonly broken: string;
  /** As close to it as is allowed; undefined where another path is what makes it right. */
  readonly sound: string;
  readonly soundPath?: string;
}

const PLANTS: readonly Plant[] = [
  {
    rule: 'files have at most 400 lines',
    path: 'libs/client/src/long.ts',
    broken: repeat('export {};', 401),
    sound: repeat('export {};', 400),
  },
  {
    rule: 'functions have at most 70 lines',
    path: 'libs/client/src/f.ts',
    broken: `function f() {\n${repeat('  g();', 69)}}\n`,
    sound: `function f() {\n${repeat('  g();', 68)}}\n`,
  },
  {
    rule: 'functions have at most 70 lines',
    path: 'native/wal/f.cc',
    broken: `Status Log::Append(int n) {\n${repeat('  G();', 69)}}\n`,
    sound: `Status Log::Append(int n) {\n${repeat('  G();', 68)}}\n`,
  },
  {
    rule: 'lines have at most 100 columns (C++ 80)',
    path: 'apps/cli/src/wide.ts',
    broken: `// ${'ö'.repeat(98)}\n`,
    sound: `// ${'ö'.repeat(97)}\n`,
  },
  {
    rule: 'lines have at most 100 columns (C++ 80)',
    path: 'native/wal/wide.h',
    broken: `// ${'x'.repeat(78)}\n`,
    sound: `// ${'x'.repeat(77)}\n// https://example.org/${'x'.repeat(80)}\n`,
  },
  {
    rule: 'no forwardRef',
    path: 'apps/broker/src/a.ts',
    broken: "import { forwardRef } from '@nestjs/common';\n",
    sound: "import { Module } from '@nestjs/common';\n",
  },
  {
    rule: 'no export *',
    path: 'libs/client/src/index.ts',
    broken: "export * from './producer';\n",
    sound: "export { Producer } from './producer';\n",
  },
  {
    rule: 'no export *',
    path: 'scripts/steps.mjs',
    broken: "export * from './lanes.mjs';\n",
    sound: "export { STEPS } from './lanes.mjs';\n",
  },
  {
    rule: 'no console',
    path: 'apps/cli/src/a.ts',
    broken: "console.log('hi');\n",
    sound: "console.log('hi');\n",
    soundPath: 'bench/a.ts',
  },
  {
    rule: 'marks name their issue',
    path: 'native/wal/a.cc',
    broken: '// TODO: later\n',
    sound: '// TODO(issue-12): later\n',
  },
  {
    rule: 'no test is skipped or focused',
    path: 'libs/client/src/a.spec.ts',
    broken: "it.only('runs', () => {});\n",
    sound: "it('runs', () => {});\n",
  },
  {
    rule: 'no test is skipped or focused',
    path: 'native/wal/a_test.cc',
    broken: 'TEST(LogTest, DISABLED_Appends) {}\n',
    sound: 'TEST(LogTest, Appends) {}\n',
  },
  {
    rule: 'types are named for what they are',
    path: 'libs/client/src/a.ts',
    broken: 'interface TopicManager {}\n',
    sound: 'interface ManagerOfTopics {}\n',
  },
  {
    rule: 'types are named for what they are',
    path: 'apps/broker/src/a.ts',
    broken: `${DOCUMENTED}export class TopicService {}\n`,
    sound: `${DOCUMENTED}export class TopicService {}\n`,
    soundPath: 'apps/admin/src/a.ts',
  },
  {
    rule: 'types are named for what they are',
    path: 'native/wal/a.h',
    broken: 'class LogImpl final {\n};\n',
    sound: 'class LogImpl;\nclass Log final {\n};\n',
  },
  {
    rule: 'files are named for what is in them',
    path: 'libs/client/src/socket-utils.ts',
    broken: '',
    sound: '',
    soundPath: 'libs/client/src/utils-of-old.ts',
  },
  {
    rule: 'files are named for what is in them',
    path: 'native/wal/block_helper.cc',
    broken: '',
    sound: '',
    soundPath: 'native/wal/block_writer.cc',
  },
  {
    rule: 'no folder for odds and ends',
    path: 'libs/client/src/common/a.ts',
    broken: '',
    sound: '',
    soundPath: 'libs/client/src/producer/a.ts',
  },
  {
    rule: 'napi.h only in native/binding',
    path: 'native/wal/a.cc',
    broken: '#include <napi.h>\n',
    sound: '#include <napi.h>\n',
    soundPath: 'native/binding/a.cc',
  },
  {
    rule: 'the addon is loaded in one file',
    path: 'libs/storage/src/walrus.ts',
    broken: "import { Wal } from '@walrusmq/native';\n",
    sound: "import { Wal } from '@walrusmq/native';\n",
    soundPath: 'libs/storage/src/native-binding.ts',
  },
  {
    rule: 'no paths of one machine',
    path: 'README.md',
    broken: 'Run `/home/me/walrusmq/bin/walrusmq`.\n',
    sound: 'Run `bin/walrusmq`; see https://example.org/home/me.\n',
  },
  {
    rule: 'no registry addresses',
    path: 'package-lock.json',
    broken: '"resolved": "https://example.org/a.tgz"\n',
    sound: '"resolved": "native"\n',
  },
  {
    rule: 'exported classes and public methods have doc comments',
    path: 'libs/client/src/a.ts',
    broken: 'export class Counter {}\n',
    sound: `${DOCUMENTED}export class Counter {}\nclass Private {}\n`,
  },
  {
    rule: 'exported classes and public methods have doc comments',
    path: 'libs/client/src/a.ts',
    broken: `${DOCUMENTED}export class Counter {\n  add(): void {}\n}\n`,
    sound:
      `interface Adder {\n  /** Adds. */\n  add(): void;\n}\n${DOCUMENTED}` +
      `export class Counter implements Adder {\n  add(): void {}\n  private a() {}\n}\n`,
  },
  {
    rule: 'handlers open with Behaviour and Version notes',
    path: 'apps/broker/src/msgpack/hello.handler.ts',
    broken: '/** Behaviour: answers. */\nexport const a = 1;\n',
    sound: '/**\n * Behaviour: answers.\n *\n * Version notes: 1.\n */\nexport const a = 1;\n',
  },
  {
    rule: 'an ignored rejection says why it may be',
    path: 'libs/client/src/a.ts',
    broken: 'closing.catch(() => undefined);\n',
    sound: '// The caller of close() gets it too.\nclosing.catch(() => undefined);\n',
  },
];

describe('tidy', () => {
  it.each(PLANTS)('$rule: finds the plant in $path', ({ rule, path, broken }) => {
    const found = breachesIn({ [path]: broken });
    expect(found).toContainEqual(expect.objectContaining({ rule, path }));
    expect(found.find((breach) => breach.rule === rule)?.message.length).toBeGreaterThan(10);
  });

  it.each(PLANTS)('$rule: accepts what is right ($path)', ({ rule, path, sound, soundPath }) => {
    const found = breachesIn({ [soundPath ?? path]: sound });
    expect(found.filter((breach) => breach.rule === rule)).toEqual([]);
  });

  it('leaves generated code to its generator', () => {
    const text = `export class AData {\n  b = '${'x'.repeat(200)}';\n}\n`;
    expect(breachesIn({ 'libs/a/src/generated/b.ts': text })).toEqual([]);
    expect(breachesIn({ 'libs/a/src/b.ts': text })).not.toEqual([]);
  });

  it('has a plant for every rule', () => {
    const planted = new Set(PLANTS.map(({ rule }) => rule));
    const unplanted = RULES.map(({ name }) => name).filter((name) => !planted.has(name));
    expect(unplanted).toEqual([expect.stringContaining('ARCHITECTURE.md')]);
  });

  it('fails as a command and closes with the count', () => {
    const root = mkdtempSync(join(tmpdir(), 'walrusmq-tidy-'));
    mkdirSync(join(root, 'libs'));
    writeFileSync(join(root, 'libs', 'a.ts'), "export * from './b';\n");
    spawnSync('git', ['init', '-q'], { cwd: root });
    const tsx = join(__dirname, '../node_modules/tsx/dist/cli.mjs');
    const command = [tsx, join(__dirname, 'tidy.ts'), root];
    const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    rmSync(root, { recursive: true });
    expect(status).toBe(1);
    expect(stdout).toContain('libs/a.ts:1');
    expect(stdout).toMatch(/^\d+ passed, [1-9]\d* failed\n$/m);
  });
});

describe('the map rule', () => {
  const map = RULES.find(({ name }) => name.startsWith('ARCHITECTURE'));
  const breaches = (files: Readonly<Record<string, string>>): Breach[] =>
    map?.find(SourceTree.of(files)) ?? [];
  const sources = { 'libs/client/src/a.ts': '', 'libs/client/src/a.spec.ts': '' };

  it('accepts a map that names the folder of every source', () => {
    const text = 'The SDK is `libs/client/src/`; `libs/*/src` and `acks=all` are no paths.\n';
    expect(breaches({ ...sources, 'ARCHITECTURE.md': text })).toEqual([]);
  });

  it('reports a path that does not exist, in prose and in a block', () => {
    const text = '`libs/client/src/`\n```\nlibs/gone/src/   gone\n```\n';
    expect(breaches({ ...sources, 'ARCHITECTURE.md': text })).toEqual([
      { path: 'ARCHITECTURE.md', line: 3, message: 'libs/gone/src/ does not exist' },
    ]);
  });

  it('takes a folder of which it names no part for all that is in it', () => {
    const files = { 'scripts/a.ts': '', 'scripts/tidy/b.ts': '' };
    expect(breaches({ ...files, 'ARCHITECTURE.md': '`scripts`' })).toEqual([]);
    const files2 = { ...files, 'scripts/jest/c.ts': '', 'scripts/new/d.ts': '' };
    const found = breaches({
      ...files2,
      'ARCHITECTURE.md': '`scripts`, `scripts/tidy`, `scripts/jest`',
    });
    expect(found.map(({ path }) => path)).toEqual(['scripts/new/d.ts']);
  });

  it('reports a source whose folder is not named', () => {
    const found = breaches({
      ...sources,
      'libs/new/src/b.ts': '',
      'ARCHITECTURE.md': '`libs/client/src`',
    });
    expect(found.map(({ path }) => path)).toEqual(['libs/new/src/b.ts']);
  });

  it('reports that there is no map', () => {
    expect(breaches(sources)).toHaveLength(1);
  });
});

describe('the ratchet', () => {
  const path = 'libs/client/src/long.ts';
  const messages = (lines: number, allowed: number): string[] =>
    fileLines({ [path]: allowed })
      .find(SourceTree.of({ [path]: repeat('export {};', lines) }))
      .map(({ message }) => message);

  it('lets an exception stay as it is', () => {
    expect(messages(500, 500)).toEqual([]);
  });

  it('stops an exception from growing', () => {
    expect(messages(501, 500)).toEqual([expect.stringContaining('grew to 501')]);
  });

  it('asks to lower an exception that shrank, and to remove one that fits', () => {
    expect(messages(450, 500)).toEqual([expect.stringContaining('lower its entry to 450')]);
    expect(messages(400, 500)).toEqual([expect.stringContaining('remove its entry')]);
  });

  it('asks to remove the exception of a function that is gone', () => {
    const found = functionLines({ 'a.ts#f': 80 }).find(SourceTree.of({ 'a.ts': '' }));
    expect(found).toEqual([
      { path: 'a.ts', line: 0, message: expect.stringContaining('is no more') as string },
    ]);
  });
});

describe('cppFunctions', () => {
  it('finds functions, members and tests with their lines, and nothing else', () => {
    const source = [
      'namespace walrus {', // 1
      'namespace {',
      "constexpr long kMany = 1'000'000;",
      'const char kBrace[] = "{";',
      '#define OPEN {',
      '}  // namespace',
      'class Log final : public Reader {', // 7
      ' public:',
      '  Log(int a, Options options = {})',
      '      : a_{a},',
      '        b_(2) {',
      '    for (;;) { Run([&](int x) { return x; }); }',
      '  }', // 13
      '  int a() const { return a_; }',
      '};',
      'template <typename T>', // 16
      'Status Log::Read(const T& bytes) {',
      "  if (bytes == '}') { return {}; }",
      '  return Status{};',
      '}', // 20
      'TEST(LogTest, Reads) {',
      '}', // 22
      'struct Point Origin() {',
      '}',
      '}  // namespace walrus',
    ].join('\n');
    expect(cppFunctions(source)).toEqual([
      { name: 'Log', firstLine: 9, lastLine: 13 },
      { name: 'a', firstLine: 14, lastLine: 14 },
      { name: 'Log::Read', firstLine: 16, lastLine: 20 },
      { name: 'LogTest, Reads', firstLine: 21, lastLine: 22 },
      { name: 'Origin', firstLine: 23, lastLine: 24 },
    ]);
  });
});
