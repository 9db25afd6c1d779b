// Finds the function bodies of a C++ file by its braces. Good for clang-formatted code whose braces
// do not depend on the preprocessor; it is not a parser.

export interface CppFunction {
  readonly name: string;
  /** Lines from 1, both included; the first is that of the signature. */
  readonly firstLine: number;
  readonly lastLine: number;
}

type BlockKind = 'scope' | 'function' | 'other';

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//;
const RAW_STRING = /R"([^\s()\\]{0,16})\([\s\S]*?\)\1"/;
const STRING = /"(?:\\.|[^"\\\n])*"/;
// Not after a digit: 1'000'000 is one number.
const CHARACTER = /(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'/;
const DIRECTIVE = /^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/;
const NOT_CODE = new RegExp(
  [COMMENT, RAW_STRING, STRING, CHARACTER, DIRECTIVE].map(({ source }) => source).join('|'),
  'gm',
);
const LEADING = /^(\s|(public|private|protected)\s*:|;)*/;

/** What a brace opens, told by the text since the end of the declaration before it. */
function kindOf(head: string): BlockKind {
  if (/\bnamespace\b/.test(head) || /^extern\s*$/.test(head)) return 'scope';
  const isType = /^(template\s*<[\s\S]*?>\s*)?(class|struct|union|enum)\b/.test(head);
  if (isType && !/\)\s*(const|noexcept|override|final)*\s*$/.test(head)) return 'scope';
  return head.includes('(') && !/=\s*$/.test(head) ? 'function' : 'other';
}

function nameOf(head: string): string {
  const call = /(operator\s*[^\s(]+|[~\w:]+)\s*\(([^()]*)/.exec(head);
  const isTest = /^TEST(_[FP])?$/.test(call?.[1] ?? '');
  return (isTest ? call?.[2]?.replace(/\s+/g, ' ').trim() : call?.[1]) ?? '(unnamed)';
}

/**
 * The functions of a C++ file, members and tests included; a lambda belongs to the one around it.
 */
export function cppFunctions(source: string): CppFunction[] {
  const text = source.replace(NOT_CODE, (found) => found.replace(/[^\n]/g, ' '));
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  const lineAt = (position: number): number =>
    lineStarts.filter((start) => start <= position).length;

  const found: CppFunction[] = [];
  const open: BlockKind[] = [];
  let headStart = 0;
  for (const match of text.matchAll(/[{};]/g)) {
    const inBody = open.some((kind) => kind !== 'scope');
    if (match[0] === '{') {
      const head = text.slice(headStart, match.index).replace(LEADING, '').trim();
      const kind = inBody ? 'other' : kindOf(head);
      open.push(kind);
      if (kind === 'scope') headStart = match.index + 1;
      continue;
    }
    if (match[0] === ';') {
      if (!inBody) headStart = match.index + 1;
      continue;
    }
    const kind = open.pop();
    if (open.some((outer) => outer !== 'scope')) continue;
    // `: size_{0}, name_{x} {` and `Options options = {})` go on with the same signature.
    const goesOn =
      kind !== 'scope' && /^\s*[,{)]/.test(text.slice(match.index + 1, match.index + 200));
    if (goesOn || kind === 'other') continue;
    if (kind === 'function') {
      const head = text.slice(headStart, match.index);
      const firstLine = lineAt(headStart + (LEADING.exec(head)?.[0].length ?? 0));
      const name = nameOf(head.replace(LEADING, ''));
      found.push({ name, firstLine, lastLine: lineAt(match.index) });
    }
    headStart = match.index + 1;
  }
  return found;
}
