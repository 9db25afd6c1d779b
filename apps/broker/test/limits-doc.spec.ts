// docs/limits.md against the code: every name, default and test in its tables.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../src/config/settings-table';
import { defaultGroupSettings } from '../src/group/group-settings';

const ROOT = join(__dirname, '../../..');
const DOC = readFileSync(join(ROOT, 'docs/limits.md'), 'utf8');
const SOURCES = ['apps/broker/src', 'libs/protocol/src', 'libs/storage/src'];
/** The engine's own, as its options name and set them. */
const ENGINE: Readonly<Record<string, RegExp>> = {
  producersPerLogMax: /producers_per_log_max = ([\d']+);/,
  producersMax: /producers_max = ([\d']+);/,
};

interface Row {
  readonly what: string;
  readonly names: readonly string[];
  readonly defaults: readonly string[];
  readonly tests: readonly string[];
}

const quoted = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one);

/** The rows of the tables that name a setting or constant. */
const ROWS: readonly Row[] = DOC.split('\n')
  .filter((line) => /^\| .* \| `\w+`/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, what = '', names = '', defaults = '', , tests = '']) => ({
    what,
    names: quoted(names),
    defaults: defaults.split(', '),
    tests: quoted(tests),
  }))
  .filter(({ tests }) => tests.length > 0);

const sources = SOURCES.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map((path) => readFileSync(join(ROOT, folder, path), 'utf8')),
);

/** What a constant is in the sources: a number, a product, a shift, or another constant. */
function valueOf(name: string): number {
  const found = sources.flatMap(
    (text) => new RegExp(`^(?:export )?const ${name} = (.*);$`, 'm').exec(text)?.[1] ?? [],
  );
  const values = new Set(found.map(evaluate));
  if (values.size !== 1)
    throw new Error(`${name} is defined ${found.length} times: ${found.join()}`);
  return [...values][0]!;
}

function evaluate(expression: string): number {
  const [left = '', shift] = expression.split(' << ');
  if (shift !== undefined) return Number(left) * 2 ** Number(shift);
  return expression
    .split(' * ')
    .map((factor) => (/^[A-Z]/.test(factor) ? valueOf(factor) : Number(factor.replaceAll('_', ''))))
    .reduce((product, factor) => product * factor, 1);
}

function defaultOf(name: string): string {
  const setting = settingsTable.find((row) => row.name === name);
  if (setting !== undefined) return setting.defaultText;
  if (name in defaultGroupSettings) {
    return String(defaultGroupSettings[name as keyof typeof defaultGroupSettings]);
  }
  const engine = ENGINE[name];
  if (engine === undefined) return String(valueOf(name));
  const header = readFileSync(join(ROOT, 'native/wal/wal.h'), 'utf8');
  return String(engine.exec(header)?.[1]).replaceAll("'", '');
}

describe('docs/limits.md', () => {
  it.each(ROWS)('says what is so of $what', ({ names, defaults, tests }) => {
    expect(names.map(defaultOf)).toEqual(defaults);
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('has a row for every setting that bounds something', () => {
    const bounds = settingsTable
      .map(({ name }) => name as string)
      .filter((name) => /Max$/.test(name));
    expect(bounds.length).toBeGreaterThan(10);
    const shown = ROWS.flatMap(({ names }) => names);
    expect(bounds.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('names commands and files that are there', () => {
    const files = [...DOC.matchAll(/(?:apps|libs|test|scripts|native)\/[\w./-]+\.\w+/g)].map(
      ([path]) => path,
    );
    expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
