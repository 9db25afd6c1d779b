// Every mistake a person can make at the terminal: one line that says what was wrong, and a code.
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { main } from '@walrusmq/cli';
import { FakeTerminal } from './fake-terminal';
import { MemoryBroker } from './memory-broker';

const folder = join(__dirname, '..', '..', 'node_modules', '.cache', 'walrusmq-mistakes');
const path = (name: string): string => join(folder, name);

let broker: MemoryBroker;
let unused: string;
beforeAll(async () => {
  mkdirSync(path('folder.ndjson'), { recursive: true });
  writeFileSync(path('broken.ndjson'), '{"id":1}\n{"id":2}\n{"id":\n');
  writeFileSync(path('no-key.ndjson'), '{"id":1}\n{"name":2}\n');
  writeFileSync(path('large.ndjson'), `{"id":1}\n"${'x'.repeat(2_000_000)}"\n`);
  writeFileSync(path('object.json'), '{"id":1}');
  writeFileSync(path('short.csv'), 'a,b\n1,2\n3\n');
  writeFileSync(path('quotes.csv'), 'a,b\n1,so "called"\n');
  broker = await MemoryBroker.start();
  await broker.admin.createTopic('orders', { partitions: 2 });
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  unused = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
});
afterAll(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true });
});

type Row = readonly [what: string, args: string, code: number, message: RegExp];

/** FOLDER, BROKER and NOBODY stand for the folder of the files, the broker, and no broker. */
const MISTAKES: readonly Row[] = [
  ['a misspelt command', 'tpoic list', 2, /unknown command 'tpoic' \(Did you mean topic\?\)/],
  [
    'a misspelt subcommand',
    'topic crate a',
    2,
    /unknown command 'crate' \(Did you mean create\?\)/,
  ],
  ['help for a misspelt command', 'help tpoic', 2, /command 'tpoic' \(Did you mean topic\?\)/],
  ['help for a misspelt subcommand', 'help topic crate', 2, /'crate' \(Did you mean create\?\)/],
  ['a misspelt flag', 'topic list --jsn', 2, /unknown option '--jsn' \(Did you mean --json\?\)/],
  ['no name', 'topic create', 2, /missing required argument 'name' \(see walrusmq topic create/],
  ['too many arguments', 'topic list all', 2, /too many arguments/],
  ['a flag without its value', 'produce orders --file', 2, /--file <path>' argument missing/],
  ['a codec that is none', 'produce orders --compression brotli', 2, /gzip, snappy, lz4, zstd/],
  [
    'a level that there is not',
    'produce orders --compression gzip --compression-level 10',
    2,
    /--compression-level 10: --compression gzip has levels from 1 to 9/,
  ],
  [
    'a level for a codec without',
    'produce orders --compression lz4 --compression-level 1',
    2,
    /--compression-level 1: --compression lz4 has no levels/,
  ],
  [
    'a file with generated records',
    'produce orders --count 5 --file FOLDER/large.ndjson',
    2,
    /--file is about records that are read; --count, --rate, --size and --seed generate/,
  ],
  ['a key for generated records', 'produce orders --rate 5 --key id', 2, /--key is about records/],
  [
    'no records to generate',
    'produce orders --count 0',
    2,
    /--count must be a whole number from 1/,
  ],
  ['no bench producers', 'bench --producers 0', 2, /--producers must be a whole number from 1 to/],
  ['a time that is none', 'bench --duration soon', 2, /--duration must be a duration such as/],
  ['a bench nobody reads', 'bench --end-to-end --consumers 0', 2, /leave out --consumers 0/],
  [
    'more bench consumers than partitions',
    'bench --consumers 9 --partitions 2',
    2,
    /--consumers 9 share 2 partitions/,
  ],
  [
    'a bench level that there is not',
    'bench --compression zstd --compression-level 19 --linger x',
    2,
    /--linger must be a whole number/,
  ],
  ['no broker to measure', 'bench --broker NOBODY', 1, /cannot connect.*NOBODY/],
  ['an address that is none', 'topic list --broker :x', 2, /broker must be HOST:PORT.* got ":x"/],
  [
    'a broker that is not there',
    'topic list --broker NOBODY',
    1,
    /cannot connect.*NOBODY.*nothing listens.*or pass its address with --broker \(/,
  ],
  ['no broker to send to', 'produce orders --broker NOBODY', 1, /cannot connect.*NOBODY/],
  ['no broker to read from', 'consume orders --broker NOBODY', 1, /cannot connect.*NOBODY/],
  ['an unknown instance', 'topic list --instance eu BROKER', 1, /UNKNOWN_INSTANCE.*--instance/],
  ['an unknown topic to show', 'topic describe nope BROKER', 1, /UNKNOWN_TOPIC.*nope.*topic list/],
  ['an unknown topic to delete', 'topic delete nope BROKER', 1, /UNKNOWN_TOPIC.*nope/],
  ['an unknown topic to send to', 'produce nope BROKER', 1, /UNKNOWN_TOPIC.*nope.*topic create/],
  ['an unknown topic to read', 'consume nope BROKER', 1, /UNKNOWN_TOPIC.*nope.*topic create/],
  ['a topic that exists', 'topic create orders BROKER', 1, /TOPIC_EXISTS.*--if-not-exists/],
  ['a name that is none', 'topic create a/b BROKER', 1, /INVALID_TOPIC_NAME/],
  [
    'a config that is none',
    'topic config orders retention=1 BROKER',
    1,
    /INVALID_CONFIG.*There are/,
  ],
  ['a value that is none', 'topic config orders segment.ms=1 BROKER', 1, /segment.ms.*from 100 to/],
  ['compaction', 'topic config orders cleanup.policy=compact BROKER', 1, /does not exist yet/],
  ['no assignment', 'topic config orders retention.ms BROKER', 2, /not NAME=VALUE, as in/],
  ['a config set twice', 'topic config orders a=1 a=2 BROKER', 2, /a is set twice/],
  ['set and unset', 'topic config orders a=1 --unset a BROKER', 2, /a is set and unset/],
  [
    'fewer partitions',
    'topic grow orders --partitions 1 BROKER',
    1,
    /INVALID_PARTITIONS.*only get/,
  ],
  ['records of no kind', 'topic delete-records orders BROKER', 2, /one of --before-offset, --bef/],
  ['two kinds', 'topic delete-records orders --all --before-time 5 BROKER', 2, /say one of/],
  ['no partition', 'topic delete-records orders --before-offset 5 BROKER', 2, /needs --partition/],
  ['a time that is none', 'topic delete-records orders --before-time soon BROKER', 2, /got "soon"/],
  [
    'an offset that is none',
    'topic delete-records orders --before-offset 5 --partition 0 BROKER',
    1,
    /OFFSET_OUT_OF_RANGE.*above the readable end 0/,
  ],
  [
    'a duration that is none',
    'topic pin orders --reader r --expire 7 BROKER',
    2,
    /30s, 5m.*got "7"/,
  ],
  ['no partitions', 'topic create a --partitions 0', 2, /--partitions must be .* 1 to .*got "0"/],
  ['a count that is none', 'topic create a --partitions x', 2, /--partitions must be .*got "x"/],
  ['a missing file', 'produce orders --file FOLDER/none.ndjson', 1, /none.ndjson does not exist/],
  ['a directory', 'produce orders --file FOLDER/folder.ndjson', 1, /is a directory; give a file/],
  [
    'an unknown kind of file',
    'produce orders --file FOLDER/a.xml',
    2,
    /a.xml from its name; say --in/,
  ],
  [
    'a line that is not JSON',
    'produce orders BROKER --file FOLDER/broken.ndjson',
    1,
    /line 3 is not JSON/,
  ],
  [
    'a line without the key',
    'produce orders BROKER --key id --file FOLDER/no-key.ndjson',
    1,
    /line 2 has no field "id"/,
  ],
  [
    'a record too large',
    'produce orders BROKER --file FOLDER/large.ndjson',
    1,
    /line 2 has 2,000,002 bytes, .*topic config orders max\.message\.bytes=2000098.* or make/,
  ],
  [
    'a file that is no array',
    'produce orders BROKER --file FOLDER/object.json',
    1,
    /not a JSON array.*--input ndjson/,
  ],
  [
    'quotes in a CSV field',
    'produce orders BROKER --file FOLDER/quotes.csv',
    1,
    /not CSV: .*quote/,
  ],
  ['a short CSV row', 'produce orders BROKER --file FOLDER/short.csv', 1, /not CSV: .*line 3/],
  [
    'a key of plain text',
    'produce orders --input text --key id',
    2,
    /--key names a field.*text has none/,
  ],
  ['a partition to send to', 'produce orders BROKER --partition 2', 1, /no partition 2; .*below 2/],
  ['a partition to read', 'consume orders BROKER --partition 2', 1, /2 partitions and no number 2/],
  [
    'two starts',
    'consume orders --from-beginning --from-offset 3',
    2,
    /give one of --from-beginning/,
  ],
  [
    'a time that is none',
    'consume orders --from-time soon',
    2,
    /--from-time must be milliseconds.*"soon"/,
  ],
  // What Date.parse makes of them is the year 2001.
  ['a time of some kind', 'consume orders --from-time soon-1', 2, /such as 2026-.*got "soon-1"/],
  ['a fraction of one', 'consume orders --from-time 1.5', 2, /such as 2026-.*got "1.5"/],
  ['an unknown format', 'consume orders --format xml', 2, /'xml' is invalid.* json, value, table/],
  ['a reader that cannot be', 'consume orders BROKER --reader a/b --from-beginning', 2, /reader/],
  ['a group and a reader', 'consume orders --group g --reader r', 2, /one of --reader and --group/],
  ['a protocol of no group', 'consume orders --group-protocol classic', 2, /give --group/],
  ['a partition of a group', 'consume orders --group g --partition 0', 2, /the group decides/],
  ['an end for a group', 'consume orders --group g --exit-at-end', 2, /other members .* --max/],
  ['an offset past the end', 'consume orders BROKER --from-offset 9', 1, /OFFSET_OUT_OF_RANGE/],
];

it.each(MISTAKES)('%s: walrusmq %s exits with %i', async (_, line, code, message) => {
  const args = line
    .replace('FOLDER', folder)
    .replace('NOBODY', unused)
    .split(' ')
    .flatMap((word) => (word === 'BROKER' ? ['--broker', broker.address] : [word]));
  const terminal = new FakeTerminal();
  const exitCode = await main(args, terminal);
  expect({ stdout: terminal.output, stderr: terminal.errors }).toEqual({
    stdout: '',
    stderr: expect.stringMatching(/^walrusmq: [^\n]+\n$/) as string,
  });
  expect(terminal.errors.replaceAll(unused, 'NOBODY')).toMatch(message);
  expect(exitCode).toBe(code);
});

it('says how many records got through before the bad line', async () => {
  const terminal = new FakeTerminal('1\n2\nthree\n');
  const args = ['produce', 'orders', '--broker', broker.address];
  expect(await main(args, terminal)).toBe(1);
  expect(terminal.errors).toMatch(
    /^walrusmq: line 3 is not JSON .*\(after 0 acknowledged records\)/,
  );
});

it('ends when it is interrupted while a broker does not answer', async () => {
  const held: Socket[] = [];
  const silent = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  try {
    for (const command of ['group list', 'consume orders', 'instance alter a --fsync 5ms']) {
      const terminal = new FakeTerminal();
      const waiting = main([...command.split(' '), '--broker', address], terminal);
      await once(silent, 'connection');
      terminal.interrupt.abort(new Error('stopped by a test'));
      expect([command, await waiting, terminal.errors]).toEqual([command, 130, '']);
    }
  } finally {
    for (const socket of held) socket.destroy();
    silent.close();
  }
});
