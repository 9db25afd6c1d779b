// The tables of docs/topics.md and docs/kafka.md against the table of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSettings, settingsTable } from '../config/settings-table';
import { topicConfigTable } from './topic-config-table';

const readDoc = (name: string): string =>
  readFileSync(join(__dirname, '../../../../docs', name), 'utf8');
const DOC = readDoc('topics.md');

/** The rows of tables that begin with the name of a config. */
function configRows(doc: string): readonly (readonly string[])[] {
  return [...doc.matchAll(/^\| `([a-z0-9.]+)` \| (.*) \|$/gm)].map(([, name = '', rest = '']) => [
    name,
    ...rest.split(' | '),
  ]);
}

describe('docs/topics.md', () => {
  it('has the configs of the code, with defaults, settings, values and meanings', () => {
    const effective = topicConfigTable.filter(({ hasEffect }) => hasEffect);
    const expected = effective.map((row) => {
      const flag = settingsTable.find(({ name }) => name === row.setting)?.flag;
      const setting = flag === undefined ? '' : ` (\`${flag}\`)`;
      return [
        row.name,
        row.unit ?? row.type,
        `${row.builtIn}${setting}`,
        row.accepts(defaultSettings),
        row.meaning,
      ];
    });
    expect(configRows(DOC)).toEqual(expected);
  });

  it('leaves those without an effect to docs/kafka.md, with defaults, values and meanings', () => {
    const without = topicConfigTable.filter(({ hasEffect }) => !hasEffect);
    expect(configRows(readDoc('kafka.md'))).toEqual(
      without.map(({ name, builtIn, accepts, meaning }) => [
        ...[name, builtIn === '' ? 'none' : builtIn],
        ...[accepts(defaultSettings), meaning],
      ]),
    );
  });

  it('names settings that exist', () => {
    const flags = new Set(settingsTable.map(({ flag }) => flag));
    const named = [...DOC.matchAll(/`(--[a-z-]+)`/g)].map(([, flag]) => flag);
    expect(named.length).toBeGreaterThan(5);
    for (const flag of named) expect(flags).toContain(flag);
  });
});
