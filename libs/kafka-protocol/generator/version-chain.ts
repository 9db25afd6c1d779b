// Code that differs by version: written out per version, then joined where neighbours agree.
import type { Range } from './schema';

interface Segment {
  readonly from: number;
  readonly code: string;
}

function segments(versions: Range, codeAt: (version: number) => string): Segment[] {
  const found: Segment[] = [];
  for (let version = versions.min; version <= versions.max; version++) {
    const code = codeAt(version);
    if (found.at(-1)?.code !== code) found.push({ from: version, code });
  }
  return found;
}

/** One expression, or a choice between several by the version `v`. */
export function chooseExpression(versions: Range, codeAt: (version: number) => string): string {
  return segments(versions, codeAt).reduce(
    (older, { from, code }) => (older === '' ? code : `v >= ${from} ? ${code} : ${older}`),
    '',
  );
}

/** Statements, or an `if` over the version `v`; empty where no version has any. */
export function chooseStatements(
  versions: Range,
  codeAt: (version: number) => readonly string[],
): string[] {
  const all = segments(versions, (version) => codeAt(version).join('\n'));
  if (all.length === 1) return linesOf(all[0]);
  const isWhole = all.every(({ code }) => code !== '');
  const lines = all.toReversed().flatMap((segment, index): string[] => {
    if (segment.code === '') return [];
    const next = all[all.length - index];
    // Where every version has a branch, those above it were asked about before.
    const max = isWhole || next === undefined ? versions.max : next.from - 1;
    const condition = versionCondition({ min: segment.from, max }, versions);
    const head = condition === 'true' ? '} else {' : `} else if (${condition}) {`;
    return [head, ...indented(linesOf(segment))];
  });
  const [first, ...rest] = lines;
  return first === undefined ? [] : [first.replace('} else ', ''), ...rest, '}'];
}

function linesOf(segment: Segment | undefined): string[] {
  return segment === undefined || segment.code === '' ? [] : segment.code.split('\n');
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`));
}

/** The condition that holds for some of the versions; `true` when it always does. */
export function versionCondition(range: Range, versions: Range): string {
  if (range.min === range.max && range.min > versions.min && range.max < versions.max) {
    return `v === ${range.min}`;
  }
  const above = range.min > versions.min ? [`v >= ${range.min}`] : [];
  const below = range.max < versions.max ? [`v <= ${range.max}`] : [];
  return [...above, ...below].join(' && ') || 'true';
}

/** The parameter `v`, marked as unused where a body does not look at it. */
export function versionParameter(body: readonly string[]): string {
  return `${body.some((line) => /\bv\b/.test(line)) ? 'v' : '_v'}: number`;
}
