// bin/walrusmq as a process: run to its end, or started and stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** bin/walrusmq. */
export const COMMAND = join(__dirname, '..', '..', 'bin', 'walrusmq');
/** Settings of whoever runs the tests must not reach the command. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^WALRUS(MQ)?_/.test(name)),
);

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command. */
export class RunningCommand {
  readonly finished: Promise<Finished>;
  readonly child: ChildProcess;
  private out = '';
  private err = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...ENVIRONMENT, ...env },
      stdio: 'pipe',
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    // The command may end without having read all of its input.
    this.child.stdin?.on('error', () => undefined);
    this.finished = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.out,
      stderr: this.err,
    }));
  }

  /** The next line on stdout. Rejects, with stderr, when the process ends instead. */
  line(): Promise<string> {
    return this.lineOf(this.child.stdout);
  }

  /** The next line on stderr. Rejects as `line`. */
  errorLine(): Promise<string> {
    return this.lineOf(this.child.stderr);
  }

  private lineOf(stream: Readable | null): Promise<string> {
    if (stream === null) throw new Error('the process has no such stream');
    return Promise.race([
      once(createInterface(stream), 'line').then(([line]) => String(line)),
      this.finished.then(({ code, stderr }) => {
        throw new Error(`ended with ${String(code)} before it printed a line: ${stderr}`);
      }),
    ]);
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Finished> {
    this.child.kill(signal);
    return this.finished;
  }
}

/** Runs the command to its end. */
export function run(args: readonly string[], input: string | Buffer = ''): Promise<Finished> {
  const command = new RunningCommand(args);
  command.child.stdin?.end(input);
  return command.finished;
}

/** A broker in a process of its own, on a free port and a new directory. */
export class CommandBroker {
  private constructor(
    private readonly command: RunningCommand,
    readonly address: string,
    readonly dataDir: string,
  ) {}

  static start(...flags: readonly string[]): Promise<CommandBroker> {
    return CommandBroker.startOn(newDirectory(), '--port', '0', ...flags);
  }

  /** On a directory that is there, and ports that the flags name. */
  static async startOn(dataDir: string, ...flags: readonly string[]): Promise<CommandBroker> {
    const command = new RunningCommand(['broker', '--data-dir', dataDir, ...flags]);
    const ready = JSON.parse(await command.line()) as { readonly msgpack: string };
    return new CommandBroker(command, ready.msgpack, dataDir);
  }

  /** Runs a client command against this broker. */
  run(args: readonly string[], input: string | Buffer = ''): Promise<Finished> {
    return run([...args, '--broker', this.address], input);
  }

  /** SIGTERM; the directory stays. */
  stop(): Promise<Finished> {
    return this.command.end('SIGTERM');
  }

  /** SIGKILL; the directory stays. */
  kill(): Promise<Finished> {
    return this.command.end('SIGKILL');
  }

  /** Ends whatever still runs and removes the directory. */
  async remove(): Promise<void> {
    await this.command.end('SIGKILL');
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** A new temporary directory; whoever asks for it removes it. */
export function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'walrusmq-cli-'));
}
