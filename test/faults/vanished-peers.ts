// `unshare --net tsx test/faults/vanished-peers.ts`: clients in a network of their own, whose cable
// is pulled: no byte comes from them any more, and none that ends their connections. The broker
// lets go of each of them by itself and serves others meanwhile. Prints `N passed, N failed`.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { apiVersionsCodec, fetchCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../crash/broker-process';
import { ProtocolLink } from '../crash/protocol-link';
import { KafkaLink } from '../limits/kafka-link';
import { run } from './worker-process';

const HERE = '10.77.0.1';
const THERE = '10.77.0.2';
/** How often the system sends again what nobody confirms: 3 s, where 15 is a quarter of an hour. */
const RETRIES = '3';
const FLAGS = ['--host', HERE, '--insecure', '--fsync', 'no-fsync', '--stall-timeout-ms', '5000'];
/** Longer than anything here takes. */
const NEVER_MS = 600_000;
/** Many times what the system and the broker wait for: a connection is open still, so it stays. */
const PATIENCE_MS = 240_000;
const LOOK_MS = 250;
/** Of Kafka's protocol: idle, in the middle of a request, in a long poll, and with an answer under
 * way; of the msgpack protocol: idle. */
const PEERS = 5;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

/** A fetch at the end of an empty topic, which waits for records. */
const waitingFor = (topic: string) => ({
  ...{ maxWaitMs: NEVER_MS, minBytes: 1, isolationLevel: 0 },
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }],
});

/** The process of the clients, in another network: connects, says so, and pulls its cable. */
async function vanish(msgpack: string, kafka: string): Promise<void> {
  process.send?.('there');
  await once(process, 'message');
  run('ip', 'addr', 'add', `${THERE}/24`, 'dev', 'there');
  run('ip', 'link', 'set', 'there', 'up');
  const links = [];
  for (let count = 0; count < 4; count += 1) {
    const link = await KafkaLink.open(kafka);
    await link.request(apiVersionsCodec, 0, {});
    links.push(link);
  }
  const [, halfway, waiting, answered] = links;
  halfway?.socket.write(Buffer.from('000000400003', 'hex'));
  waiting?.send(fetchCodec, 11, waitingFor('quiet'));
  answered?.send(fetchCodec, 11, waitingFor('late'));
  await ProtocolLink.open(msgpack);
  process.send?.('connected');
  await once(process, 'message');
  run('ip', 'link', 'set', 'there', 'down');
  process.send?.('gone');
  await once(process, 'message');
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

/** A figure of the broker's page of metrics; 0 where it has none of that name. */
async function figure(address: string, name: string): Promise<number> {
  const request = get(`http://${address}/metrics`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const page = await text(response);
  const line = page.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

async function said(peers: ChildProcess, word: string): Promise<void> {
  const ended = once(peers, 'exit').then(([code]) => {
    throw new Error(`the clients ended with ${String(code)}`);
  });
  const [message] = (await Promise.race([once(peers, 'message'), ended])) as [unknown];
  if (message !== word) throw new Error(`the clients said ${String(message)}, not ${word}`);
}

/** A cable, whose other end goes to the clients. */
function layCable(): void {
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there');
  run('ip', 'addr', 'add', `${HERE}/24`, 'dev', 'here');
  run('ip', 'link', 'set', 'here', 'up');
  writeFileSync('/proc/sys/net/ipv4/tcp_retries2', RETRIES);
}

/** Starts the clients in a network of theirs, with the other end of the cable in it. */
async function connectPeers(addresses: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const { msgpack = '', kafka = '' } = addresses;
  const node = [process.execPath, ...process.execArgv, __filename, msgpack, kafka];
  const peers = spawn('unshare', ['--net', ...node], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await said(peers, 'there');
  run('ip', 'link', 'set', 'there', 'netns', String(peers.pid));
  peers.send('connect');
  await said(peers, 'connected');
  return peers;
}

async function check(dataDir: string, checks: Checks): Promise<void> {
  layCable();
  const broker = new BrokerProcess({ dataDir, flags: FLAGS });
  let peers: ChildProcess | undefined;
  try {
    const addresses = await broker.addresses;
    const { msgpack = '', kafka = '', websocket = '' } = addresses;
    const admin = await ProtocolLink.open(msgpack);
    for (const name of ['quiet', 'late', 'work']) {
      await admin.request('createTopic', { name, partitions: 1 });
    }
    const worker = await KafkaLink.open(kafka);
    await worker.produce('work', 10);
    const open = (): Promise<number> => figure(websocket, 'walrusmq_connections_open');
    const own = await open();
    const ownSockets = broker.openSockets();
    peers = await connectPeers(addresses);
    const fetches = 'walrusmq_kafka_requests_total{api="Fetch"}';
    while ((await figure(websocket, fetches)) < 2) await pause();
    checks.expect((await open()) === own + PEERS, `${PEERS} clients of another network are there`);

    peers.send('vanish');
    await said(peers, 'gone');
    const startMs = performance.now();
    const elapsedMs = (): number => performance.now() - startMs;
    const records = [encodeBatch([{ value: Buffer.from('for nobody') }])];
    await admin.request('produce', { topic: 'late', partition: 0, acks: -1 }, records);
    let left = (await open()) - own;
    checks.expect(left === PEERS, 'nothing tells the broker that they are gone');
    const isHeld = (): boolean => left > 0 || broker.openSockets() > ownSockets;
    while (isHeld() && elapsedMs() < PATIENCE_MS) {
      await pause();
      await worker.produce('work', 1);
      const now = (await open()) - own;
      const seconds = Math.round(elapsedMs() / 1000);
      if (now !== left) process.stdout.write(`${now} are left after ${seconds} s\n`);
      left = now;
    }
    checks.expect(!isHeld(), 'the broker has let go of all of them, and of their sockets');
    checks.expect((await worker.readAll('work')) > 10, 'a client was served meanwhile');
    worker.close();
    admin.close();
    checks.expect((await broker.stop()) === 0, 'the broker stops');
  } finally {
    peers?.kill('SIGKILL');
    await broker.kill();
  }
}

async function main(): Promise<void> {
  const [msgpack, kafka] = process.argv.slice(2);
  if (msgpack !== undefined && kafka !== undefined) {
    await vanish(msgpack, kafka);
    return;
  }
  const checks = new Checks();
  const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-vanished-'));
  try {
    await check(dataDir, checks);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  process.stdout.write(`${checks.passed} passed, ${checks.failed} failed\n`);
  process.exit(checks.failed === 0 ? 0 : 1);
}

void main();
