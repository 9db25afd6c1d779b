// `tsx test/limits/idle-connections.ts COUNT`: so many greeted connections that do nothing, half of
// them over WebSocket, held by a process of their own; what they cost the broker, and that a client
// is served meanwhile. Prints figures and `N passed, N failed`.
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame } from '@walrusmq/protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink } from '../crash/protocol-link';

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

/** Opens a connection, says hello and resolves with the socket once that is answered. */
async function idle(address: string, overWebSocket: boolean): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(address.split(':')[1]) });
  await once(socket, 'connect');
  if (overWebSocket) {
    socket.write(UPGRADE);
    await once(socket, 'data');
    const message = HELLO.subarray(4);
    socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | message.length, 0, 0, 0, 0]), message]));
  } else socket.write(HELLO);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  if (!reply.includes('walrusmq/'))
    throw new Error(`hello was answered ${reply.toString('latin1')}`);
  return socket;
}

/** The process of the clients: opens them all, says so, and closes them when told to. */
async function holdClients(count: number, msgpack: string, websocket: string): Promise<void> {
  const sockets: Socket[] = [];
  let lost = 0;
  let left = count;
  const open = async (): Promise<void> => {
    while (left > 0) {
      const overWebSocket = left % 2 === 0;
      left -= 1;
      const socket = await idle(overWebSocket ? websocket : msgpack, overWebSocket);
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

/** Writes and reads, as a client that has the broker for itself would. */
async function work(link: ProtocolLink, topic: string, count: number): Promise<number> {
  for (let i = 0; i < count; i += 1) {
    const batch = encodeBatch([{ value: Buffer.from(`value ${i}`) }]);
    await link.request('produce', { topic, partition: 0, acks: -1 }, [batch]);
  }
  return (await link.readAll(topic, 0)).length;
}

async function measure(count: number, dataDir: string, checks: Checks): Promise<void> {
  const flags = ['--connections-max', String(count + 10), '--fsync', 'no-fsync'];
  const broker = new BrokerProcess({ dataDir, flags });
  let clients: ChildProcess | undefined;
  try {
    const { msgpack = '', websocket = '' } = await broker.addresses;
    const link = await ProtocolLink.open(msgpack);
    await link.request('createTopic', { name: 'before', partitions: 1 });
    await link.request('createTopic', { name: 'meanwhile', partitions: 1 });
    checks.expect((await work(link, 'before', 500)) === 500, 'a client is served before');
    const before = broker.rssBytes();
    clients = fork(__filename, [String(count), msgpack, websocket]);
    const opened = await nextMessage(clients);
    const growth = broker.rssBytes() - before;
    checks.expect(opened === count, `${opened} connections are open`);
    const allowed = BASE_BYTES + ((GROWTH_BYTES_MAX - BASE_BYTES) * count) / FULL_COUNT;
    checks.expect(
      growth <= allowed,
      `RSS went from ${mib(before)} by ${mib(growth)} MiB, of ${mib(allowed)} that it may`,
    );
    checks.expect((await work(link, 'meanwhile', 500)) === 500, 'a client is served meanwhile');
    clients.send('count');
    const still = await nextMessage(clients);
    checks.expect(still === count, `${still} of them are open afterwards`);
    clients.send('close');
    await once(clients, 'exit');
    checks.expect((await work(link, 'before', 500)) === 1_000, 'a client is served when they left');
    checks.expect((await broker.stop()) === 0, 'the broker stops');
  } finally {
    clients?.kill('SIGKILL');
    await broker.kill();
  }
}

async function main(): Promise<void> {
  const [count = '10000', msgpack, websocket] = process.argv.slice(2);
  if (msgpack !== undefined && websocket !== undefined) {
    await holdClients(Number(count), msgpack, websocket);
    process.disconnect();
    return;
  }
  const checks = new Checks();
  const why = refusal(Number(count));
  if (why !== undefined) checks.expect(false, why);
  else {
    const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-idle-'));
    try {
      await measure(Number(count), dataDir, checks);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${checks.passed} passed, ${checks.failed} failed\n`);
  process.exitCode = checks.failed === 0 ? 0 : 1;
}

void main();
