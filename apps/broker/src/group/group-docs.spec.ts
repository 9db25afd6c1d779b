// The settings in docs/groups.md against the table of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupSettingRows } from '../config/group-setting-rows';
import { settingsTable } from '../config/settings-table';
import { defaultGroupSettings } from './group-settings';

const DOC = readFileSync(join(__dirname, '../../../../docs/groups.md'), 'utf8');

describe('docs/groups.md', () => {
  it('has every setting of groups with its flag, its default and its sentence', () => {
    const rows = [...DOC.matchAll(/^\| `(--[a-z-]+)` \| (\S+) \| (.*) \|$/gm)];
    const expected = settingsTable
      .filter(({ name }) => Object.hasOwn(groupSettingRows, name))
      .map(({ flag, defaultText, summary }) => [flag, defaultText, summary]);
    expect(rows.map(([, ...cells]) => cells)).toEqual(expected);
  });

  it('names the limits that have no flag', () => {
    const { idBytesMax, offsetMetadataBytesMax, memberBytesMax } = defaultGroupSettings;
    const { topicNamesMax, patternBytesMax, queuedCommandsMax, groupBytesMax } =
      defaultGroupSettings;
    const say = (count: number): string => count.toLocaleString('en-US');
    const text = DOC.replace(/\s+/g, ' ');
    for (const words of [
      `ids of groups of ${idBytesMax} bytes, ids of members and instances of ${2 * idBytesMax}`,
      `a committed offset of ${say(offsetMetadataBytesMax)},`,
      `${memberBytesMax / 1024} KiB for the subscription`,
      `${groupBytesMax / 1024 / 1024} MiB for what all members of a group say`,
      `${say(topicNamesMax)} topics in a subscription`,
      `patterns of ${say(patternBytesMax)} bytes`,
      `${say(queuedCommandsMax)} requests that wait`,
    ]) {
      expect(text).toContain(words);
    }
  });
});
