import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync, cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..');

/** [rule, file below libs/planted/src, text that breaks it]. */
const PLANTS: readonly (readonly [rule: string, file: string, text: string])[] = [
  [
    '@typescript-eslint/no-floating-promises',
    'a.ts',
    'const work = (): Promise<void> => Promise.resolve();\nwork();\n',
  ],
  ['@typescript-eslint/no-explicit-any', 'c.ts', 'export const a: any = 1;\n'],
  [
    '@typescript-eslint/no-misused-promises',
    'd.ts',
    'export const f = (g: () => Promise<void>): void => {\n  [1].forEach(g);\n};\n',
  ],
  ['no-console', 'e.ts', "console.log('a');\n"],
  ['no-restricted-syntax', 'f.ts', "export * from './a';\n"],
  ['no-empty', 'g.ts', 'try {\n  JSON.parse("{");\n} catch {}\n'],
  ['jest/no-focused-tests', 'h.spec.ts', "it.only('is', () => {\n  expect(1).toBe(1);\n});\n"],
  ['jest/no-disabled-tests', 'i.spec.ts', "it.skip('is', () => {\n  expect(1).toBe(1);\n});\n"],
  ['jest/expect-expect', 'j.spec.ts', "it('is', () => {\n  JSON.parse('1');\n});\n"],
  [
    '@typescript-eslint/no-floating-promises',
    'k.spec.ts',
    "it('is', () => {\n  expect(Promise.resolve(1)).resolves.toBe(1);\n  Promise.resolve();\n});\n",
  ],
];

interface LintResult {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

describe('the lint rules', () => {
  const root = mkdtempSync(join(tmpdir(), 'walrusmq-lint-'));
  let results: readonly LintResult[] = [];

  beforeAll(() => {
    const folder = join(root, 'libs/planted/src');
    mkdirSync(folder, { recursive: true });
    for (const [, file, text] of PLANTS) writeFileSync(join(folder, file), text);
    writeFileSync(join(folder, 'sound.ts'), 'export const one = (): number => 1;\n');
    const sound =
      "import { one } from './sound';\nit('is', () => {\n  expect(one()).toBe(1);\n});\n";
    writeFileSync(join(folder, 'sound.spec.ts'), sound);
    for (const name of ['eslint.config.mjs', 'tsconfig.base.json', 'tsconfig.check.json']) {
      cpSync(join(REPOSITORY, name), join(root, name));
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
    const command = [
      join(REPOSITORY, 'node_modules/eslint/bin/eslint.js'),
      '--format=json',
      'libs',
    ];
    const { stdout } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
    results = JSON.parse(stdout) as LintResult[];
  }, 60_000);

  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  const rulesBrokenIn = (file: string): (string | null)[] =>
    results
      .filter(({ filePath }) => filePath.endsWith(`/${file}`))
      .flatMap(({ messages }) => messages.map(({ ruleId, message }) => ruleId ?? message));

  it.each(PLANTS)('%s reports the plant in %s', (rule, file) => {
    expect(rulesBrokenIn(file)).toContain(rule);
  });

  it('find nothing wrong in a sound source and its spec', () => {
    expect(results).toHaveLength(PLANTS.length + 2);
    expect([...rulesBrokenIn('sound.ts'), ...rulesBrokenIn('sound.spec.ts')]).toEqual([]);
  });
});
