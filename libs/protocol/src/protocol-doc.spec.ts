// docs/protocol.md against the code: its bytes, its error table, its limits and its client.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { decodeBatches, encodeBatch } from '@walrusmq/record-batch';
import * as protocol from './index';
import { HEAD_DEPTH_MAX, HEAD_VALUES_MAX } from './msgpack/head-scanner';

const ROOT = join(__dirname, '../../..');
const DOC = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8');
type Message = [kind: string, id: number, fields: Record<string, unknown>, tail?: string];

const EXAMPLES = [...DOC.matchAll(/```json\n(.*)\n```\n\n```hex\n([^`]*)\n```/g)].map(
  ([, json, hex]) => ({
    message: JSON.parse(json!) as Message,
    bytes: Buffer.from(hex!.replace(/\s/g, ''), 'hex'),
  }),
);

// A client in a process of its own takes its time on a busy machine.
jest.setTimeout(60_000);

describe('docs/protocol.md', () => {
  it('has a request and a reply of these operations as bytes', () => {
    const kinds = EXAMPLES.map(({ message }) => message[0]);
    const topics = ['createTopic', 'ok', 'alterTopic', 'ok', 'deleteRecords', 'ok'];
    const records = ['produce', 'ok', 'produce', 'ok', 'fetch', 'ok'];
    const push = ['subscribe', 'ok', 'event', 'credit'];
    const readers = ['readerReset', 'ok', 'readerAttach', 'error', 'read', 'ok'];
    const groups = ['consumerGroupHeartbeat', 'ok', 'error', 'offsetCommit', 'ok'];
    groups.push('offsetFetch', 'ok');
    groups.push('createInstance', 'deleteInstance', 'ok');
    expect(kinds).toEqual(['hello', 'ok', ...topics, ...records, ...push, ...readers, ...groups]);
  });

  it.each(EXAMPLES)('shows the bytes of $message.0 $message.1', ({ message, bytes }) => {
    const [kind, id, fields, tail] = message;
    const pieces = tail === undefined ? undefined : [Buffer.from(tail, 'hex')];
    const encoded = Buffer.concat(protocol.encodeFrame(kind, id, fields, pieces));
    expect(bytes.toString('hex')).toBe(encoded.toString('hex'));
    const [frame] = new protocol.FrameDecoder({ frameBytesMax: 1000 }).push(bytes);
    expect(frame).toMatchObject({ kind, correlationId: id, fields });
    expect(Buffer.concat(frame!.tail).toString('hex')).toBe(tail ?? '');
  });

  it('shows batches of the record that it names', () => {
    const tails = EXAMPLES.flatMap(({ message }) => message[3] ?? []);
    const offsets = tails.map((tail) => {
      const [record, ...rest] = decodeBatches(Buffer.from(tail, 'hex'));
      expect(rest).toEqual([]);
      expect(`${String(record!.key)} ${String(record!.value)}`).toBe('k hi');
      return record!.offset;
    });
    expect(offsets).toEqual([0, 42, 43, 42]);
  });

  it('shows requests that the parsers take', () => {
    const parsed = EXAMPLES.flatMap(({ bytes }): unknown[] => {
      const [frame] = new protocol.FrameDecoder({ frameBytesMax: 1000 }).push(bytes);
      const { kind, fields, tailBytes } = frame!;
      if (kind === 'hello') return [protocol.parseHello(fields)];
      if (kind === 'createTopic') return [protocol.parseCreateTopic(fields)];
      if (kind === 'alterTopic') return [protocol.parseAlterTopic(fields)];
      if (kind === 'deleteRecords') return [protocol.parseDeleteRecords(fields)];
      if (kind === 'fetch') return [protocol.parseFetch(fields)];
      if (kind === 'subscribe') return [protocol.parseSubscribe(fields)];
      if (kind === 'credit') return [protocol.parseCredit(fields)];
      if (kind === 'readerReset') return [protocol.parseReaderReset(fields)];
      if (kind === 'readerAttach') return [protocol.parseReaderAttach(fields)];
      if (kind === 'read') return [protocol.parseRead(fields)];
      if (kind === 'consumerGroupHeartbeat') return [protocol.parseConsumerGroupHeartbeat(fields)];
      if (kind === 'offsetCommit') return [protocol.parseOffsetCommit(fields)];
      if (kind === 'createInstance') return [protocol.parseCreateInstance(fields)];
      if (kind === 'deleteInstance') return [protocol.parseDeleteInstance(fields)];
      if (kind === 'offsetFetch') return [protocol.parseOffsetFetch(fields)];
      return kind === 'produce' ? [protocol.parseProduce(fields, tailBytes > 0)] : [];
    });
    const record = { key: Buffer.from('k'), value: Buffer.from('hi') };
    expect(parsed).toMatchObject([
      { protocol: [1, 1], client: 'demo/1.0' },
      { name: 'orders', partitions: 3, configs: { 'retention.ms': '86400000' } },
      { name: 'orders', partitions: 6, configs: { 'retention.ms': null, 'segment.ms': '3600000' } },
      { topic: 'orders', offsets: [[0, 42]] },
      { form: 'batches', topic: 'orders', partition: 0, acks: -1 },
      { form: 'records', topic: 'orders', acks: -1, records: [record] },
      { partitions: [['orders', 0, 42]], maxWaitMs: 500 },
      { partitions: [['orders', 0, 43]], creditBytes: 1_048_576, format: 'batches' },
      { subscription: 5, bytes: 71 },
      { reader: 'audit', target: { chosen: { topics: ['orders'] }, shiftBy: -10 }, dryRun: true },
      { reader: 'audit', topics: ['orders'], takeOver: false },
      { reader: 'audit', topic: 'orders', maxBytes: 65_536, maxRecords: 2_000, checkpoint: true },
      { group: 'billing', epoch: 0, rebalanceTimeoutMs: 300_000, topics: ['orders'], owned: [] },
      { group: 'billing', epoch: 1, offsets: [{ topic: 'orders', partition: 0, offset: 43 }] },
      {
        group: 'billing',
        partitions: [
          ['orders', 0],
          ['orders', 1],
        ],
      },
      { key: 'orders', fsync: '50ms', quotas: { bytesInPerSecond: 1_000_000 }, force: false },
      { key: 'orders', force: true },
    ]);
  });

  it('has the error table of the code', () => {
    const rows = [...DOC.matchAll(/^\| `([A-Z_]+)` \| (yes|no) \| (.*) \|$/gm)];
    const table = rows.map(([, code, retriable, sentence]) => [
      code,
      { retriable: retriable === 'yes', sentence },
    ]);
    expect(table).toEqual(Object.entries(protocol.ERROR_TABLE));
  });

  it('names no error that the code does not have, and the code answers each that it has', () => {
    const codes = Object.keys(protocol.ERROR_TABLE);
    const named = DOC.split('\n')
      .filter((line) => /\bErrors?\b|\banswered\b/.test(line))
      .flatMap((line) => [...line.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code!));
    expect(named.length).toBeGreaterThan(40);
    expect([...new Set(named)].filter((code) => !codes.includes(code))).toEqual([]);
    const sources = ['apps/broker/src', 'libs/protocol/src']
      .flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
          .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
          .filter((path) => !path.endsWith('error-table.ts'))
          .map((path) => readFileSync(join(ROOT, folder, path), 'utf8')),
      )
      .join('\n');
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  });

  it('names every operation and the limits of the code', () => {
    const operations = Object.keys(protocol).filter((name) => name.startsWith('parse'));
    expect(operations).toHaveLength(46);
    for (const parser of operations) {
      const name = parser.charAt(5).toLowerCase() + parser.slice(6);
      expect(DOC).toMatch(new RegExp(`^##.*\`${name}\``, 'm'));
    }
    const say = (count: number): string => count.toLocaleString('en-US');
    expect(DOC).toContain(
      `| ${protocol.DEFAULT_HEAD_BYTES_MAX / 2 ** 20} MiB and ${say(HEAD_VALUES_MAX)}`,
    );
    expect(DOC).toContain(`| ${protocol.DEFAULT_FRAME_BYTES_MAX / 2 ** 20} MiB unless`);
    expect(DOC).toContain(`| maps and arrays inside each other | ${HEAD_DEPTH_MAX},`);
    expect(DOC).toContain(
      `| elements of a list in a request | ${say(protocol.LIST_ELEMENTS_MAX)};`,
    );
    expect(DOC).toContain(`| partitions of a topic | ${say(protocol.PARTITION_COUNT_MAX)} |`);
    expect(DOC).toContain(
      `value | ${protocol.CONFIGS_MAX} and ${say(protocol.CONFIG_BYTES_MAX)} |`,
    );
    expect(DOC).toContain(`topics in the reply, 1 to ${say(protocol.LIST_TOPICS_MAX)} |`);
    expect(DOC).toContain(`| \`maxBytes\` | uint | ${say(protocol.DEFAULT_FETCH_BYTES_MAX)} |`);
    expect(DOC).toContain(`1 to ${protocol.NAME_LENGTH_MAX} of`);
    const { SUBSCRIPTIONS_MAX, SUBSCRIBED_PARTITIONS_MAX, EVENT_BYTES_MAX } = protocol;
    const partitions = `${say(SUBSCRIBED_PARTITIONS_MAX)} partitions in them`;
    expect(DOC).toContain(`at most ${SUBSCRIPTIONS_MAX} subscriptions and ${partitions}`);
    expect(DOC).toContain(`up to ${EVENT_BYTES_MAX / 1024} KiB of batches`);
    const perPartition = say(protocol.READERS_PER_PARTITION_MAX);
    expect(DOC).toContain(`readers that have a position in one partition | ${perPartition} |`);
    expect(DOC).toContain(`| attachments of a connection | ${say(protocol.ATTACHMENTS_MAX)} |`);
    expect(DOC).toContain(`most ${say(protocol.ATTACHMENTS_MAX)} attachments`);
    expect(DOC).toContain(`readers in the reply, 1 to ${say(protocol.LIST_READERS_MAX)} |`);
    expect(DOC).toContain(`| \`maxRecords\` | uint | ${say(protocol.READ_RECORDS_MAX)} |`);
    expect(DOC).toContain(`groups in the reply, 1 to ${say(protocol.LIST_GROUPS_MAX)} |`);
    expect(DOC).toContain(`then the offsets, ${say(protocol.GROUP_OFFSETS_MAX)} at most`);
    expect(DOC).toContain(`| 1 to ${protocol.MEMBER_PROTOCOLS_MAX} assignors`);
    expect(DOC).toContain(`| ${say(protocol.DEFAULT_REBALANCE_TIMEOUT_MS)} on joining`);
    expect(DOC).toContain(`| ${say(protocol.DEFAULT_SESSION_TIMEOUT_MS)} | silence`);
    for (const state of protocol.GROUP_STATES) expect(DOC).toContain(`\`${state}\``);
    expect(protocol.CREDIT_BYTES_MAX).toBe(2 ** 31 - 1);
  });

  it('has a client that writes and reads records', async () => {
    const code = /```js\n([^`]*(?:`[^`]+`[^`]*)*)\n```/.exec(DOC)![1]!;
    const server = createServer(serveOneTopic).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    const client = spawn(process.execPath, ['-e', code], {
      cwd: ROOT,
      env: { ...process.env, PORT: port },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [exitCode] = (await once(client, 'close')) as [number];
    server.close();
    expect(output).toBe('0 customer-7: two apples\n1 customer-9: a pear\n');
    expect(exitCode).toBe(0);
  });
});

/** A broker of one partition in memory: enough to see that the documented client is understood. */
function serveOneTopic(socket: Socket): void {
  const decoder = new protocol.FrameDecoder({ frameBytesMax: 1024 * 1024 });
  let stored: Buffer = Buffer.alloc(0);
  const answer = ({ kind, fields }: protocol.IncomingFrame): object => {
    if (kind === 'hello') return { protocol: protocol.parseHello(fields).protocol[1] };
    if (kind === 'metadata') return { missing: protocol.parseMetadata(fields).topics };
    if (kind === 'createTopic') return protocol.parseCreateTopic(fields);
    if (kind === 'produce') {
      const parsed = protocol.parseProduce(fields, false);
      if (parsed.form !== 'records') throw new Error('the client sent no records');
      stored = encodeBatch(parsed.records);
      return { results: [[parsed.partition, 0, parsed.records.length]] };
    }
    const [topic, partition] = protocol.parseFetch(fields).partitions[0]!;
    const records = [...decodeBatches(stored)].map((record) => {
      const headers = Object.fromEntries(record.headers.map(({ key, value }) => [key, value]));
      return [record.offset, record.timestamp, record.key, record.value, headers];
    });
    return { partitions: [[topic, partition, null, 0, records.length, 0, records]] };
  };
  socket.on('data', (chunk: Buffer) => {
    for (const frame of decoder.push(chunk)) {
      const reply = protocol.encodeFrame('ok', frame.correlationId, answer(frame));
      socket.write(Buffer.concat(reply));
    }
  });
}
