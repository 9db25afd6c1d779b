// The two brokers that are compared, each as a process on ports of its own.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { untilServed } from './first-request';

const HOST = '127.0.0.1';
const COMMAND = join(__dirname, '..', '..', 'bin', 'walrusmq');
/** 16 bytes in base64, as Kafka wants it. */
const CLUSTER_ID = 'V2FscnVzTVFiZW5jaG1hcg';
const START_MAX_MS = 120_000;
const LOG_CHARACTERS_MAX = 20_000;

export const SIDES = ['walrusmq', 'kafka'] as const;
export type Side = (typeof SIDES)[number];
/** `synced`: each append before its acknowledgement (`acks=all` here); `unsynced`: never. */
export const SCHEDULES = ['synced', 'unsynced'] as const;
export type Schedule = (typeof SCHEDULES)[number];

const FSYNC: Readonly<Record<Schedule, string>> = { synced: 'sync-each', unsynced: 'no-fsync' };

/** What `kafka-run-class` and `kafka-server-start` of the distribution give the JVM. */
const KAFKA_JVM = [
  ...['-Xmx1G', '-Xms1G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'],
  ...['-Djava.awt.headless=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * One run of a broker.
 *
 * Life: it has served its first request when `start` resolves, and is gone when `stop` does.
 */
export class BrokerRun {
  private constructor(
    /** HOST:PORT of the Kafka listener. */
    readonly address: string,
    readonly pid: number,
    /** From the start of the process to the first request that it served. */
    readonly startSeconds: number,
    private readonly child: ChildProcess,
    private readonly ended: Promise<unknown>,
  ) {}

  /** @throws {Error} It ended, or served nothing within two minutes; with what it logged. */
  static async start(command: readonly string[], port: number): Promise<BrokerRun> {
    const [program = '', ...args] = command;
    const started = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    const keep = (text: string): void => {
      log = (log + text).slice(-LOG_CHARACTERS_MAX);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const ended = once(child, 'exit');
    const isOver = (): boolean =>
      child.exitCode !== null ||
      child.signalCode !== null ||
      child.pid === undefined ||
      performance.now() - started > START_MAX_MS;
    if (!(await untilServed(HOST, port, isOver)) || child.pid === undefined) {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`${args.join(' ')} served nothing:\n${log}`);
    }
    const seconds = (performance.now() - started) / 1000;
    return new BrokerRun(`${HOST}:${port}`, child.pid, seconds, child, ended);
  }

  /** SIGTERM; resolves when it is gone. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

/** A broker of ours that is asked for by two protocols. */
export interface WalrusRun {
  readonly run: BrokerRun;
  /** HOST:PORT of the SDK's listener. */
  readonly msgpack: string;
}

/** @param directory Empty; the data goes there. */
export async function startWalrus(directory: string, schedule: Schedule): Promise<WalrusRun> {
  const [port, msgpackPort] = [await freePort(), await freePort()];
  const command = [
    ...[process.execPath, COMMAND, 'broker', '--data-dir', join(directory, 'data')],
    ...['--port', String(msgpackPort), '--ws-port', 'off', '--kafka-port', String(port)],
    ...['--fsync', FSYNC[schedule], '--log-level', 'warn', '--log-format', 'json'],
  ];
  return { run: await BrokerRun.start(command, port), msgpack: `${HOST}:${msgpackPort}` };
}

/** `config/server.properties` of the distribution, on one machine, with other ports and places. */
function kafkaProperties(directory: string, port: number, controller: number, sync: Schedule) {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.bootstrap.servers=${HOST}:${controller}`,
    `listeners=PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controller}`,
    'inter.broker.listener.name=PLAINTEXT',
    `advertised.listeners=PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controller}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'num.network.threads=3',
    'num.io.threads=8',
    'socket.send.buffer.bytes=102400',
    'socket.receive.buffer.bytes=102400',
    'socket.request.max.bytes=104857600',
    `log.dirs=${join(directory, 'logs')}`,
    'num.partitions=1',
    'num.recovery.threads.per.data.dir=2',
    'offsets.topic.replication.factor=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'log.retention.hours=168',
    'log.segment.bytes=1073741824',
    'log.retention.check.interval.ms=300000',
    // Ours waits for nobody either; it only makes the benchmark shorter.
    'group.initial.rebalance.delay.ms=0',
    ...(sync === 'synced' ? ['log.flush.interval.messages=1'] : []),
    '',
  ].join('\n');
}

/**
 * @param directory Empty; configuration and data go there.
 * @param jars The folder of Kafka's jars.
 * @throws {Error} Its storage cannot be formatted, or as `BrokerRun.start`.
 */
export async function startKafka(
  directory: string,
  schedule: Schedule,
  jars: string,
): Promise<BrokerRun> {
  const [port, controller] = [await freePort(), await freePort()];
  mkdirSync(directory, { recursive: true });
  const config = join(directory, 'server.properties');
  writeFileSync(config, kafkaProperties(directory, port, controller, schedule));
  const java = ['-cp', join(jars, '*')];
  const format = [
    ...['-XX:TieredStopAtLevel=1', ...java, 'kafka.tools.StorageTool', 'format', '--standalone'],
    ...['--cluster-id', CLUSTER_ID, '--config', config],
  ];
  const { status, stdout, stderr } = spawnSync('java', format, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Kafka's storage could not be formatted: ${stdout}${stderr}`);
  return BrokerRun.start(['java', ...KAFKA_JVM, ...java, 'kafka.Kafka', config], port);
}
