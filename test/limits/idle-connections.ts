// `tsx test/limits/idle-connections.ts COUNT [kafka]`: so many greeted connections that do nothing,
// half of them over WebSocket, or all of them of Kafka clients, held by a process of their own;
// what they cost the broker, and that a client is served meanwhile. Prints figures and `N passed, N
// failed`.
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiVersionsCodec, encodeRequest } from '@walrusmq/kafka-protocol';
import { encodeFrame } from '@walrusmq/protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink } from '../crash/protocol-link';
import { KafkaLink } from './kafka-link';

/** What 10,000 idle connections may cost; fewer as much for each, and something to begin with. */
const GROWTH_BYTES_MAX = 150 * 2 ** 20;
const FULL_COUNT = 10_000;
const BASE_BYTES = 30 * 2 ** 20;
const AT_ONCE = 50;
/** Descriptors that a process needs beside its connections. */
const SPARE_DESCRIPTORS = 200;
const HELLO = Buffer.concat(encodeFrame('hello', 1, { protocol: [1, 1], client: 'idle' }));
const UPGRADE = [
  ...['GET / HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'],
  ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''],
].join('\r\n');

/** What Kafka clients say first, and how its answer begins: its id, and no error. */
const VERSIONS = Buffer.concat(
  encodeRequest(apiVersionsCodec, 2, { correlationId: 7, clientId: 'idle' }, {}),
);
const VERSIONS_ANSWER = Buffer.from('000000070000', 'hex');

/** A way to connect: opens a connection to HOST:PORT, greets, and is answered. */
const WAYS = {
  msgpack: async (address: string): Promise<Socket> => greeted(await connected(address), HELLO),
  websocket: async (address: string): Promise<Socket> => {
    const socket = await connected(address);
    socket.write(UPGRADE);
    await once(socket, 'data');
    const message = HELLO.subarray(4);
    const head = Buffer.from([0x82, 0x80 | message.length, 0, 0, 0, 0]);
    return greeted(socket, Buffer.concat([head, message]));
  },
  kafka: async (address: string): Promise<Socket> => {
    return greeted(await connected(address), VERSIONS, VERSIONS_ANSWER);
  },
};
type Way = keyof typeof WAYS;

async function connected(address: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(address.split(':')[1]) });
  await once(socket, 'connect');
  return socket;
}

async function greeted(
  socket: Socket,
  greeting: Buffer,
  answer: string | Buffer = 'walrusmq/',
): Promise<Socket> {
  socket.write(greeting);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  if (reply.includes(answer)) return socket;
  throw new Error(`a greeting was answered ${reply.toString('latin1')}`);
}

/** The process of the clients: opens them all, says so, and closes them when told to. */
async function holdClients(count: number, places: readonly Place[]): Promise<void> {
  const sockets: Socket[] = [];
  let lost = 0;
  let left = count;
  const open = async (): Promise<void> => {
    while (left > 0) {
      const place = places[left % places.length];
      if (place === undefined) throw new Error('there is nowhere to connect to');
      left -= 1;
      const socket = await WAYS[place.way](place.address);
      socket.on('close', () => (lost += 1));
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, open));
  process.send?.({ open: sockets.length });
  await once(process, 'message');
  process.send?.({ open: sockets.length - lost });
  await once(process, 'message');
  for (const socket of sockets) socket.destroy();
}

/** Where clients connect, and how. */
interface Place {
  readonly way: Way;
  readonly address: string;
}

/** Why this machine cannot hold so many connections; undefined when it can. */
function refusal(count: number): string | undefined {
  const limit = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout.trim();
  if (limit === 'unlimited' || Number(limit) >= count + SPARE_DESCRIPTORS) return undefined;
  return (
    `a process may open ${limit} files here, and ${count} connections need ` +
    `${count + SPARE_DESCRIPTORS}: raise it with ulimit -n ${count + SPARE_DESCRIPTORS}`
  );
}

class Checks {
  passed = 0;
  failed = 0;

  expect(isRight: boolean, what: string): void {
    if (isRight) this.passed += 1;
    else this.failed += 1;
    process.stdout.write(`${isRight ? 'ok' : 'WRONG'}: ${what}\n`);
  }
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

async function nextMessage(clients: ChildProcess): Promise<number> {
  const ended = once(clients, 'exit').then(([code]) => {
    throw new Error(`the clients ended with ${String(code)}`);
  });
  const [message] = (await Promise.race([once(clients, 'message'), ended])) as [{ open: number }];
  return message.open;
}

/** Writes so many records and reads all there are; resolves with how many that is. */
type Work = (topic: string, count: number) => Promise<number>;

/** The idle ones of a protocol, and the one that works; it comes by the first of the ways. */
interface Peers {
  readonly ways: readonly [Way, ...Way[]];
  readonly open: (address: string) => Promise<Work>;
}

const PEERS: Readonly<Record<string, Peers>> = {
  msgpack: {
    ways: ['msgpack', 'websocket'],
    open: async (address) => {
      const link = await ProtocolLink.open(address);
      return async (topic, count) => {
        for (let i = 0; i < count; i += 1) {
          const batch = encodeBatch([{ value: Buffer.from(`value ${i}`) }]);
          await link.request('produce', { topic, partition: 0, acks: -1 }, [batch]);
        }
        return (await link.readAll(topic, 0)).length;
      };
    },
  },
  kafka: {
    ways: ['kafka'],
    open: async (address) => {
      const link = await KafkaLink.open(address);
      return async (topic, count) => {
        await link.produce(topic, count);
        return link.readAll(topic);
      };
    },
  },
};

async function measure(
  count: number,
  protocol: string,
  { ways, open }: Peers,
  dataDir: string,
  checks: Checks,
): Promise<void> {
  const flags = ['--connections-max', String(count + 10), '--fsync', 'no-fsync'];
  const broker = new BrokerProcess({ dataDir, flags });
  let clients: ChildProcess | undefined;
  try {
    const addresses = await broker.addresses;
    const places = ways.map((way) => ({ way, address: addresses[way] ?? '' }));
    const admin = await ProtocolLink.open(addresses.msgpack ?? '');
    await admin.request('createTopic', { name: 'before', partitions: 1 });
    await admin.request('createTopic', { name: 'meanwhile', partitions: 1 });
    const work = await open(addresses[ways[0]] ?? '');
    checks.expect((await work('before', 500)) === 500, 'a client is served before');
    const before = broker.rssBytes();
    clients = fork(__filename, [String(count), protocol, JSON.stringify(places)]);
    const opened = await nextMessage(clients);
    const growth = broker.rssBytes() - before;
    checks.expect(opened === count, `${opened} connections are open`);
    const allowed = BASE_BYTES + ((GROWTH_BYTES_MAX - BASE_BYTES) * count) / FULL_COUNT;
    checks.expect(
      growth <= allowed,
      `RSS went from ${mib(before)} by ${mib(growth)} MiB, of ${mib(allowed)} that it may`,
    );
    checks.expect((await work('meanwhile', 500)) === 500, 'a client is served meanwhile');
    clients.send('count');
    const still = await nextMessage(clients);
    checks.expect(still === count, `${still} of them are open afterwards`);
    clients.send('close');
    await once(clients, 'exit');
    checks.expect((await work('before', 500)) === 1_000, 'a client is served when they left');
    checks.expect((await broker.stop()) === 0, 'the broker stops');
  } finally {
    clients?.kill('SIGKILL');
    await broker.kill();
  }
}

async function main(): Promise<void> {
  const [count = '10000', protocol = 'msgpack', places] = process.argv.slice(2);
  if (places !== undefined) {
    await holdClients(Number(count), JSON.parse(places) as Place[]);
    process.disconnect();
    return;
  }
  const peers = PEERS[protocol];
  if (peers === undefined) throw new Error(`one of ${Object.keys(PEERS).join(', ')}`);
  const checks = new Checks();
  const why = refusal(Number(count));
  if (why !== undefined) checks.expect(false, why);
  else {
    const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-idle-'));
    try {
      await measure(Number(count), protocol, peers, dataDir, checks);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${checks.passed} passed, ${checks.failed} failed\n`);
  process.exitCode = checks.failed === 0 ? 0 : 1;
}

void main();
