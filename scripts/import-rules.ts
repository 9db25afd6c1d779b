// Runs dependency-cruiser over the sources, and fails as well when it saw fewer files than there
// are: a cruise that resolves nothing finds nothing wrong.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const FOLDERS = ['libs', 'apps', 'examples', 'bench', 'test', 'scripts'];
const NOT_SOURCES = new Set(['node_modules', 'dist', 'build']);
const REPOSITORY = join(__dirname, '..');

/** One import that a rule forbids. */
export interface ImportBreach {
  readonly rule: string;
  readonly comment: string;
  readonly from: string;
  readonly to: string;
}

export interface ImportReport {
  /** The names of all rules, broken or not. */
  readonly rules: readonly string[];
  readonly breaches: readonly ImportBreach[];
  /** TypeScript files below the cruised folders that the cruise did not see. */
  readonly unseen: readonly string[];
  readonly moduleCount: number;
}

interface CruiseOutput {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly ruleSetUsed: {
      readonly forbidden: readonly { readonly name: string; readonly comment?: string }[];
    };
  };
}

function typeScriptFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : typeScriptFiles(root, path);
    return /(?<!\.d)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/**
 * Cruises the tree at `root` by the configuration that lies there.
 *
 * @throws {Error} dependency-cruiser itself failed; its output is in the message.
 */
export function cruiseImports(root: string): ImportReport {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(REPOSITORY, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
      ...folders,
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 << 20 },
  );
  // The exit code counts breaches; only output that is no report means that the tool broke.
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${stdout}${stderr}`);
  const { modules, summary } = JSON.parse(stdout) as CruiseOutput;
  const comments = new Map(summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
  const seen = new Set(modules.map(({ source }) => source));
  const files = folders.flatMap((folder) => typeScriptFiles(root, folder));
  return {
    rules: [...comments.keys()],
    breaches: summary.violations.map(({ from, to, rule }) => {
      return { rule: rule.name, comment: comments.get(rule.name) ?? '', from, to };
    }),
    unseen: files.map((path) => relative('.', path)).filter((path) => !seen.has(path)),
    moduleCount: modules.length,
  };
}

function main(root: string): number {
  const { rules, breaches, unseen, moduleCount } = cruiseImports(root);
  const broken = new Set(breaches.map(({ rule }) => rule));
  for (const { rule, comment, from, to } of breaches) {
    process.stdout.write(`✗ ${rule}: ${from} → ${to}\n  ${comment}\n`);
  }
  for (const path of unseen) process.stdout.write(`✗ not cruised: ${path}\n`);
  // Every rule is a check, and so is having seen every file.
  const failed = broken.size + (unseen.length > 0 || moduleCount === 0 ? 1 : 0);
  process.stdout.write(`${moduleCount} modules, ${rules.length} rules\n`);
  process.stdout.write(`${rules.length + 1 - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

if (require.main === module) process.exitCode = main(process.argv[2] ?? REPOSITORY);
