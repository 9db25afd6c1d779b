import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync, cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ts from 'typescript';
import { COMMONJS, JAVASCRIPT, SPECS, TYPES, TYPESCRIPT } from './lint/plants';

const REPOSITORY = join(__dirname, '..');
const OXLINT = join(REPOSITORY, 'node_modules/oxlint/bin/oxlint');

interface Plant {
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const plantsIn = (kind: Readonly<Record<string, string>>, ending: string): Plant[] =>
  Object.entries(kind).map(([rule, text]) => {
    return { rule, file: `${rule.replace('/', '-')}${ending}`, text };
  });

const PLANTS = [
  ...plantsIn(JAVASCRIPT, '.mjs'),
  ...plantsIn(COMMONJS, '.cjs'),
  ...plantsIn(TYPESCRIPT, '.ts'),
  ...plantsIn(TYPES, '.ts'),
  ...plantsIn(SPECS, '.spec.ts'),
];

const SOUND: Readonly<Record<string, string>> = {
  'sound.ts': 'export const one = (): number => 1;\n',
  'sound.spec.ts':
    "import { one } from './sound';\nit('is', () => {\n  expect(one()).toBe(1);\n});\n",
  'sound.mjs': 'export const one = () => process.pid;\n',
  'sound.cjs': "const { join } = require('node:path');\nmodule.exports = join(__dirname, 'a');\n",
};

interface LintReport {
  readonly number_of_files: number;
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly message: string;
    readonly code?: string;
  }[];
}

type Severity = string | readonly [string, ...unknown[]];

interface LintConfig {
  readonly rules: Readonly<Record<string, Severity>>;
  readonly overrides: readonly { readonly rules?: Readonly<Record<string, Severity>> }[];
}

describe('the lint rules', () => {
  const root = mkdtempSync(join(tmpdir(), 'walrusmq-lint-'));
  let report: LintReport = { number_of_files: 0, diagnostics: [] };

  beforeAll(() => {
    const folder = join(root, 'libs/planted/src');
    mkdirSync(folder, { recursive: true });
    for (const { file, text } of PLANTS) writeFileSync(join(folder, file), text);
    for (const [file, text] of Object.entries(SOUND)) writeFileSync(join(folder, file), text);
    for (const name of ['', '.base', '.check'].map((kind) => `tsconfig${kind}.json`)) {
      cpSync(join(REPOSITORY, name), join(root, name));
    }
    cpSync(join(REPOSITORY, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
    symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
    const command = [OXLINT, '--format=json', 'libs'];
    const { stdout } = spawnSync(process.execPath, command, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    report = JSON.parse(stdout) as LintReport;
  }, 60_000);

  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  /** As `eslint(no-empty)`, `typescript(TS2322)`; what has no code could not be parsed. */
  const rulesBrokenIn = (file: string): string[] =>
    report.diagnostics
      .filter(({ filename }) => filename.endsWith(`/${file}`))
      .map(({ code, message }) => code ?? message);

  const codeOf = (rule: string): string => {
    const [plugin = '', name] = rule.split('/');
    return name === undefined ? `eslint(${plugin})` : `${plugin}(${name})`;
  };

  it.each(PLANTS)('$rule reports the plant in $file', ({ rule, file }) => {
    expect(rulesBrokenIn(file)).toContain(codeOf(rule));
  });

  it('find nothing wrong in sound files', () => {
    expect(report.number_of_files).toBe(PLANTS.length + Object.keys(SOUND).length);
    expect(Object.keys(SOUND).flatMap(rulesBrokenIn)).toEqual([]);
  });

  it('have a plant each', () => {
    const printed = execFileSync(process.execPath, [OXLINT, '--print-config'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    });
    const { rules, overrides } = JSON.parse(printed) as LintConfig;
    const enabled = [rules, ...overrides.map((one) => one.rules ?? {})].flatMap((some) =>
      Object.entries(some).filter(([, severity]) => [severity].flat()[0] === 'deny'),
    );
    const planted = new Set(PLANTS.map(({ rule }) => rule));
    const bare = enabled.map(([rule]) => rule).filter((rule) => !planted.has(rule));
    expect(enabled.length).toBeGreaterThan(100);
    expect(bare).toEqual([]);
  });

  it('know the types of every TypeScript file, because all are of one program', () => {
    const path = join(REPOSITORY, 'tsconfig.check.json');
    const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as {
      config: unknown;
    };
    const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, REPOSITORY);
    const listed = execFileSync('git', ['ls-files', '*.ts'], { cwd: REPOSITORY, encoding: 'utf8' });
    const files = listed.trimEnd().split('\n');
    const known = new Set(fileNames);
    expect(files.length).toBeGreaterThan(1000);
    expect(files.filter((file) => !known.has(join(REPOSITORY, file)))).toEqual([]);
  });
});
