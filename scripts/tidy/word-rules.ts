// Words, names and folders that are not used here, each with what is used instead.
import * as ts from 'typescript';
import { linesMatching } from './source-tree';
import type { Breach, Rule, SourceTree, TreeFile } from './source-tree';

/** The rules and their fixtures have to spell what they forbid. */
function isAboutTidy(file: TreeFile): boolean {
  return /^scripts\/(tidy|lint)\b/.test(file.path);
}

function code(tree: SourceTree): TreeFile[] {
  return tree.files.filter((file) => (file.isScript || file.isCpp) && !isAboutTidy(file));
}

function wordRule(
  name: string,
  pattern: RegExp,
  message: string,
  applies: (file: TreeFile) => boolean = () => true,
): Rule {
  return { name, find: (tree) => linesMatching(code(tree).filter(applies), pattern, message) };
}

const LAST_WORDS = 'Manager|Helpers?|Utils?|Common|Base|Impl|Data|Info';
const BANNED_TYPE = new RegExp(`(${LAST_WORDS})$`);
const BANNED_FILE = new RegExp(
  `(^|[-_.])(${LAST_WORDS.toLowerCase()})` +
    `(\\.(spec|contract|property|module|dto))?\\.(ts|tsx|mjs|cjs|js)$` +
    `|(^|_)(${LAST_WORDS.toLowerCase()})(_test)?\\.(h|cc)$`,
);

function declaredTypes(file: TreeFile): { name: string; line: number }[] {
  if (file.isCpp) {
    return file.lines.flatMap((text, index) => {
      const match = /^\s*(?:enum\s+)?(?:class|struct|union)\s+(\w+)[^;]*$/.exec(text);
      return match?.[1] === undefined ? [] : [{ name: match[1], line: index + 1 }];
    });
  }
  const found: { name: string; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    const isType =
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isEnumDeclaration(node);
    if (isType && node.name !== undefined) {
      found.push({ name: node.name.text, line: file.lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
  return found;
}

const typeNames: Rule = {
  name: 'types are named for what they are',
  find: (tree) =>
    code(tree)
      .filter((file) => file.isTypeScript || file.isCpp)
      .flatMap((file) =>
        declaredTypes(file).flatMap(({ name, line }): Breach[] => {
          if (BANNED_TYPE.test(name)) {
            const message = `${name}: its last word says nothing; name what it holds or does`;
            return [{ path: file.path, line, message }];
          }
          if (name.endsWith('Service') && !file.path.startsWith('apps/admin/')) {
            const message = `${name}: Service is a word of apps/admin; name what it does`;
            return [{ path: file.path, line, message }];
          }
          return [];
        }),
      ),
};

const fileNames: Rule = {
  name: 'files are named for what is in them',
  find: (tree) =>
    code(tree)
      .filter((file) => BANNED_FILE.test(file.name))
      .map(({ path }) => ({ path, line: 0, message: 'name the file after its main type or task' })),
};

const folders: Rule = {
  name: 'no folder for odds and ends',
  find: (tree) =>
    code(tree).flatMap(({ path }): Breach[] => {
      const folder = /(^|\/)(utils?|common|shared|helpers?|misc)\//.exec(path)?.[2];
      if (folder === undefined) return [];
      const message = `no ${folder}/: put it beside its one user, or name what it is in a library`;
      return [{ path, line: 0, message }];
    }),
};

const isTypeScript = (file: TreeFile): boolean => file.isTypeScript;

export const WORD_RULES: readonly Rule[] = [
  wordRule(
    'no forwardRef',
    /\bforwardRef\b/,
    'two modules that need each other: move what both need below them',
    isTypeScript,
  ),
  wordRule(
    'no export *',
    /^\s*export \*/,
    'name what is exported: export { X } from …; a barrel hides cycles',
    (file) => file.isScript,
  ),
  wordRule(
    'no console',
    /\bconsole\.\w+\(/,
    'CLI output goes through its writer, logs through pino, scripts write to process.stdout',
    // What a client's documentation prints is kept as it is printed.
    (file) => !/^(bench|native\/bench|scripts\/bench|test\/clients\/documented)\//.test(file.path),
  ),
  wordRule(
    'marks name their issue',
    /\b(FIXME|XXX|fixme)\b|\bTODO\b(?!\(issue-\d+\):)/,
    'do it now, or write TODO(issue-123): …',
  ),
  wordRule(
    'no test is skipped or focused',
    new RegExp(
      String.raw`\b(it|test|describe)\.(skip|only|todo|failing)\b|\b[xf](it|test|describe)\(` +
        String.raw`|\bGTEST_SKIP\b|\bDISABLED_\w`,
    ),
    'a test that does not run proves nothing: mend it or delete it',
  ),
  typeNames,
  fileNames,
  folders,
];
