// A NATS server with JetStream on disk: built from the Go module proxy, run on a free port.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The one that is measured; 2.14 is the first with fast ingest. */
export const NATS_VERSION = '2.15.2';
const MODULE = `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`;
const BUILD = join(__dirname, '..', '..', '.make', 'peers', `nats-server-${NATS_VERSION}`);
const LISTENING = /Listening for client connections on (\S+)/;
const READY = /Server is ready/;

/**
 * Builds the server unless it is there.
 *
 * @returns The path of the program.
 * @throws {Error} No Go, or the module cannot be fetched or built.
 */
export function buildNatsServer(): string {
  const program = join(BUILD, 'nats-server');
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) {
    throw new Error('Go is missing; install it with: apt-get install -y golang');
  }
  mkdirSync(BUILD, { recursive: true });
  // A Go that is too old for the module fetches the one that the module asks for.
  const env = { ...process.env, GOBIN: BUILD, GOTOOLCHAIN: 'auto' };
  const { status } = spawnSync('go', ['install', MODULE], { env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`go install ${MODULE} failed (above)`);
  return program;
}

/**
 * One run of a server. Life: it runs from the constructor on, is ready when `ready` resolves, and
 * `end` ends it.
 */
export class NatsServer {
  /** HOST:PORT; rejects when the server ends first. */
  readonly ready: Promise<string>;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  /**
   * @param directory Empty; its files go there.
   * @param syncInterval `always`, or undefined for the server's default (2 minutes).
   */
  constructor(program: string, directory: string, syncInterval: 'always' | undefined) {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'server.conf');
    const sync = syncInterval === undefined ? '' : `sync_interval: ${syncInterval}`;
    const store = JSON.stringify(join(directory, 'store'));
    writeFileSync(file, `listen: "127.0.0.1:-1"\njetstream { store_dir: ${store}\n ${sync} }\n`);
    const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    this.ended = once(child, 'exit');
    this.ready = this.untilReady(createInterface(child.stderr));
    // A server that is ended during its start has nobody waiting for it.
    this.ready.catch(() => undefined);
  }

  /** SIGTERM; resolves when it is gone. */
  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }

  private async untilReady(lines: AsyncIterable<string>): Promise<string> {
    let address = '';
    const log: string[] = [];
    for await (const line of lines) {
      log.push(line);
      address = LISTENING.exec(line)?.[1] ?? address;
      if (READY.test(line)) return address;
    }
    throw new Error(`nats-server ended before it was ready:\n${log.join('\n')}`);
  }
}
