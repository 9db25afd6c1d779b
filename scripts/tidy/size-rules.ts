// How long files, functions and lines may be.
import * as ts from 'typescript';
import { cppFunctions } from './cpp-functions';
import { FILE_LINES_ALLOWED, FUNCTION_LINES_ALLOWED } from './ratchet';
import type { Breach, Rule, SourceTree, TreeFile } from './source-tree';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const TYPESCRIPT_COLUMNS_MAX = 100;
const CPP_COLUMNS_MAX = 80;

interface Measured {
  readonly key: string;
  readonly path: string;
  readonly line: number;
  readonly lines: number;
}

/** Holds measures to a limit, with exceptions that may only shrink. */
function withRatchet(
  measured: readonly Measured[],
  max: number,
  allowed: Readonly<Record<string, number>>,
  advice: string,
): Breach[] {
  const breaches = measured.flatMap(({ key, path, line, lines }): Breach[] => {
    const exception = allowed[key];
    if (exception === undefined) {
      if (lines <= max) return [];
      return [{ path, line, message: `${key} has ${lines} lines, ${max} are allowed: ${advice}` }];
    }
    if (lines > exception) {
      const message = `${key} grew to ${lines} lines, its exception is ${exception}: ${advice}`;
      return [{ path, line, message }];
    }
    if (lines === exception && lines > max) return [];
    const step = lines <= max ? 'remove its entry' : `lower its entry to ${lines}`;
    return [{ path, line, message: `${key} shrank to ${lines} lines: ${step} in tidy/ratchet.ts` }];
  });
  const known = new Set(measured.map(({ key }) => key));
  const gone = Object.keys(allowed).filter((key) => !known.has(key));
  const message = 'is no more: remove its entry in tidy/ratchet.ts';
  return [
    ...breaches,
    ...gone.map((key) => ({
      path: key.split('#')[0] ?? key,
      line: 0,
      message: `${key} ${message}`,
    })),
  ];
}

/** Files of code, tests included. */
export function fileLines(allowed: Readonly<Record<string, number>> = FILE_LINES_ALLOWED): Rule {
  return {
    name: `files have at most ${FILE_LINES_MAX} lines`,
    find: (tree) => {
      const code = tree.files.filter((file) => file.isScript || file.isCpp);
      const measured = code.map((file) => {
        return { key: file.path, path: file.path, line: 0, lines: file.lines.length };
      });
      return withRatchet(measured, FILE_LINES_MAX, allowed, 'split it by what changes together');
    },
  };
}

/**
 * Whether a function only groups tests: the callback of describe(), or a suite for several specs.
 */
function isSuite(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) && /^describe[A-Z]/.test(node.name?.text ?? '')) return true;
  const call = node.parent;
  if (!ts.isCallExpression(call)) return false;
  const callee = call.expression.getText();
  return /^describe(\.each)?\b/.test(callee);
}

function typeScriptFunctions(file: TreeFile): Measured[] {
  const found: Measured[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isSuite(node)) {
      const line = file.lineOf(node);
      const last = file.syntax.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
      const named =
        node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      const key = `${file.path}#${named?.getText(file.syntax) ?? `line ${line}`}`;
      found.push({ key, path: file.path, line, lines: last - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
  return found;
}

function functionsOf(file: TreeFile): Measured[] {
  if (file.isTypeScript) return typeScriptFunctions(file);
  if (!file.isCpp) return [];
  return cppFunctions(file.text).map(({ name, firstLine, lastLine }) => {
    const lines = lastLine - firstLine + 1;
    return { key: `${file.path}#${name}`, path: file.path, line: firstLine, lines };
  });
}

/** Function bodies with their signatures; a test suite is no function in this sense. */
export function functionLines(
  allowed: Readonly<Record<string, number>> = FUNCTION_LINES_ALLOWED,
): Rule {
  return {
    name: `functions have at most ${FUNCTION_LINES_MAX} lines`,
    find: (tree: SourceTree) => {
      // Two functions of one name (overloads, members of two classes) are held to the longer one.
      const longest = new Map<string, Measured>();
      for (const one of tree.files.flatMap(functionsOf)) {
        if (one.lines > (longest.get(one.key)?.lines ?? 0)) longest.set(one.key, one);
      }
      const advice = 'give each of its steps a name of its own';
      return withRatchet([...longest.values()], FUNCTION_LINES_MAX, allowed, advice);
    },
  };
}

export const columns: Rule = {
  name: `lines have at most ${TYPESCRIPT_COLUMNS_MAX} columns (C++ ${CPP_COLUMNS_MAX})`,
  find: (tree) =>
    tree.files
      .filter((file) => file.isScript || file.isCpp)
      .flatMap((file) => {
        const max = file.isCpp ? CPP_COLUMNS_MAX : TYPESCRIPT_COLUMNS_MAX;
        return file.lines.flatMap((text, index): Breach[] => {
          const width = Array.from(text).length;
          // An address cannot be wrapped.
          if (width <= max || /https?:\/\//.test(text)) return [];
          const message = `${width} columns, ${max} are allowed: wrap it (npm run format)`;
          return [{ path: file.path, line: index + 1, message }];
        });
      }),
};
