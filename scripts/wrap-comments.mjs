// Wraps the comment lines that are too long, which Prettier leaves alone: the words that do not fit
// move to the next line of the same paragraph. `npm run format` runs it over all scripts and
// TypeScript.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const COLUMNS_MAX = 100;
/** What a line of prose in a comment begins with: `// `, ` * ` or `/** `. */
const OPENING = /^(\s*)(\/\/|\*|\/\*\*) (?=\S)/;
/** Lines that begin something of their own: list items, tags, fences, tables. */
const NEW_PARAGRAPH = /^([-*@#|>`]|\d+[.)]|\(\d)/;

const columns = (line) => Array.from(line).length;

/** Splits a line at the last space that lets it fit; the rest is empty when no space does. */
function cut(line, opening) {
  const words = line.slice(opening.length).split(' ');
  let kept = words.length;
  while (kept > 1 && columns(opening + words.slice(0, kept).join(' ')) > COLUMNS_MAX) kept -= 1;
  return [opening + words.slice(0, kept).join(' '), words.slice(kept).join(' ')];
}

/**
 * The text with every comment line that can be wrapped within the limit. Code stays as it is.
 *
 * @param {string} text
 * @returns {string}
 */
export function wrapComments(text) {
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i];
    const opening = columns(line) > COLUMNS_MAX ? OPENING.exec(line) : null;
    if (opening === null) continue;
    const [start, indent, mark] = opening;
    if (mark === '/**' && line.endsWith('*/')) {
      const prose = line.slice(start.length, -2).trimEnd();
      lines.splice(i, 1, `${indent}/**`, `${indent} * ${prose}`, `${indent} */`);
      continue;
    }
    const [fits, rest] = cut(line, start);
    if (rest === '') continue;
    lines[i] = fits;
    const next = lines[i + 1] ?? '';
    const follows = mark === '/**' ? `${indent} * ` : start;
    const prose = next.startsWith(follows) ? next.slice(follows.length) : '';
    const joins = prose !== '' && !/^\s/.test(prose) && !NEW_PARAGRAPH.test(prose);
    if (joins && !prose.endsWith('*/')) lines[i + 1] = `${follows}${rest} ${prose}`;
    else lines.splice(i + 1, 0, `${follows}${rest}`);
  }
  return lines.join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const patterns = ['*.ts', '*.mjs', '*.cjs', ':!:*/src/generated/*'];
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns];
  const listed = spawnSync('git', options, { encoding: 'utf8' }).stdout.split('\0');
  const files = process.argv.length > 2 ? process.argv.slice(2) : listed.filter(Boolean);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const wrapped = wrapComments(text);
    if (wrapped !== text) writeFileSync(file, wrapped);
  }
}
