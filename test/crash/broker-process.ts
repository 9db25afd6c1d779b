// A broker in a process of its own, through bin/walrusmq, that can be killed at any moment.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COMMAND = join(__dirname, '..', '..', 'bin', 'walrusmq');
const LOG_CHARACTERS_MAX = 20_000;

export interface BrokerProcessOptions {
  readonly dataDir: string;
  /** Flags of `walrusmq broker` beside the data directory and the ports. */
  readonly flags?: readonly string[];
  /** Flags of node itself. */
  readonly nodeFlags?: readonly string[];
}

/**
 * One run of a broker on free ports.
 *
 * Life: the process starts with the constructor and is ready when `ready` resolves; `kill` or
 * `stop` end it. It is not started again: another run is another object.
 */
export class BrokerProcess {
  /** HOST:PORT of the msgpack listener; rejects, with the log, when the process ends first. */
  readonly ready: Promise<string>;
  /** HOST:PORT of each listener, by its name in the ready line; rejects as `ready`. */
  readonly addresses: Promise<Readonly<Record<string, string>>>;
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;
  private log = '';

  constructor({ dataDir, flags = [], nodeFlags = [] }: BrokerProcessOptions) {
    const broker = [COMMAND, 'broker', '--data-dir', dataDir, '--port', '0', ...flags];
    const child = spawn(process.execPath, [...nodeFlags, ...broker], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log = (this.log + text).slice(-LOG_CHARACTERS_MAX);
    });
    this.ended = once(child, 'exit').then(([code]) => code as number | null);
    this.addresses = Promise.race([
      once(createInterface(child.stdout), 'line').then(
        ([line]) => JSON.parse(String(line)) as Record<string, string>,
      ),
      this.ended.then((code) => {
        throw new Error(`the broker ended (${String(code)}) before it was ready:\n${this.log}`);
      }),
    ]);
    this.ready = this.addresses.then(addressOf);
    // A process that is killed during its start has nobody waiting for `ready`.
    this.addresses.catch(() => undefined);
    this.ready.catch(() => undefined);
  }

  /** What it wrote to stderr, the last 20,000 characters. */
  get stderr(): string {
    return this.log;
  }

  /** Resident memory now, in bytes. */
  rssBytes(): number {
    const status = readFileSync(`/proc/${String(this.child.pid)}/status`, 'utf8');
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(status);
    if (found === null) throw new Error('the system does not say how much memory a process has');
    return Number(found[1]) * 1024;
  }

  /** How many sockets it has open. */
  openSockets(): number {
    const folder = `/proc/${String(this.child.pid)}/fd`;
    return readdirSync(folder).filter((each) => isSocket(join(folder, each))).length;
  }

  /** Whether it ended, by itself or not. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Processor time that it has used so far, user and system, in seconds. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${String(this.child.pid)}/stat`, 'utf8');
    // Behind the name, which may hold anything; the kernel counts in hundredths of a second.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** SIGKILL: nothing in the process gets to run. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM. @returns The exit code; null when a signal ended it. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** Flags of a broker on this port that takes no other fixed one. */
export function fixedPort(port: number): readonly string[] {
  return ['--port', String(port), '--ws-port', '0', '--kafka-port', '0'];
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:');
  } catch (error) {
    // Closed since the folder was read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function addressOf({ msgpack }: Readonly<Record<string, string>>): string {
  if (msgpack === undefined) throw new Error('the ready line has no msgpack address');
  return msgpack;
}
