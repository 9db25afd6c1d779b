// A broker in a process of its own, that can be killed the hard way and started again on the same
// address.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COMMAND = join(__dirname, '..', '..', 'bin', 'walrusmq');

/** A member that is killed is missed after three seconds, where the broker's default is 45. */
const GROUPS = ['--group-consumer-session-timeout-ms', '3000'].concat([
  '--group-consumer-heartbeat-interval-ms',
  '200',
]);

/**
 * One data directory's broker.
 *
 * Life: `start()` resolves when the ready line came; `kill()` is SIGKILL; after either kind of end
 * it can be started again, and listens on the port it had first.
 */
export class BrokerProcess {
  private child: ChildProcess | undefined;
  private port = 0;
  private log = '';

  constructor(private readonly dataDir: string) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** @throws {Error} The process ended before it was ready; the message carries its log. */
  async start(): Promise<void> {
    const ports = ['--port', String(this.port), '--ws-port', '0', '--kafka-port', 'off'];
    const args = [COMMAND, 'broker', '--data-dir', this.dataDir, ...ports, ...GROUPS];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log = (this.log + text).slice(-20_000);
    });
    const line = await Promise.race([
      once(createInterface(child.stdout), 'line').then(([first]) => String(first)),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(
          `the broker ended (${String(code ?? signal)}) before it was ready:\n${this.log}`,
        );
      }),
    ]);
    const ready = JSON.parse(line) as { msgpack: string };
    this.port = Number(ready.msgpack.split(':').at(-1));
  }

  /** SIGKILL: nothing in the process gets to run. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM. @returns The exit code; null when it was killed. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (child === undefined) return null;
    this.child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }
}
