// The table of docs/topics.md against the table of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSettings, settingsTable } from '../config/settings-table';
import { topicConfigTable } from './topic-config-table';

const DOC = readFileSync(join(__dirname, '../../../../docs/topics.md'), 'utf8');

describe('docs/topics.md', () => {
  it('has the configs of the code, with defaults, settings, values and meanings', () => {
    const rows = [...DOC.matchAll(/^\| `([a-z.]+)` \| (.*) \|$/gm)].map(([, name, rest]) => [
      name,
      ...(rest ?? '').split(' | '),
    ]);
    const expected = topicConfigTable.map((row) => {
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
    expect(rows).toEqual(expected);
  });

  it('names settings that exist', () => {
    const flags = new Set(settingsTable.map(({ flag }) => flag));
    const named = [...DOC.matchAll(/`(--[a-z-]+)`/g)].map(([, flag]) => flag);
    expect(named.length).toBeGreaterThan(5);
    for (const flag of named) expect(flags).toContain(flag);
  });
});
