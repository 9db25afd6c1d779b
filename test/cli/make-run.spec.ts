// What `make run` shows, and what it ends with (scripts/start-broker.mjs).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { newDirectory } from './command';

jest.setTimeout(60_000);

const SCRIPT = pathToFileURL(join(__dirname, '../../scripts/start-broker.mjs')).href;
const PROGRAM = `
  const { startBroker } = await import(${JSON.stringify(SCRIPT)});
  process.exitCode = await startBroker(process.argv.slice(1));`;

/** `make run` with free ports. */
class MakeRun {
  private readonly dataDir = newDirectory();
  private readonly child = spawn(
    process.execPath,
    ['--input-type=module', '-e', PROGRAM, '--', '--port', '0', '--data-dir', this.dataDir],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  private readonly closed = once(this.child, 'close');
  stdout = '';
  stderr = '';

  constructor() {
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.stdout.setEncoding('utf8');
  }

  /** Resolves once it has shown what to type. */
  async shown(): Promise<void> {
    for await (const text of this.child.stdout as AsyncIterable<string>) {
      this.stdout += text;
      if (this.stdout.includes('consume orders')) return;
    }
    throw new Error(`it ended: ${this.stderr}`);
  }

  /** The process of the broker. */
  get brokerPid(): number {
    const { pid } = this.child;
    return Number(readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8'));
  }

  get pid(): number {
    return Number(this.child.pid);
  }

  /** Its exit code. */
  async end(): Promise<number> {
    const [code] = (await this.closed) as [number];
    rmSync(this.dataDir, { recursive: true });
    return code;
  }
}

it('shows the addresses, and commands that reach them', async () => {
  const run = new MakeRun();
  await run.shown();
  const [, address] = /^ {2}msgpack {3}(127\.0\.0\.1:\d+)$/m.exec(run.stdout) ?? [];
  expect(address).toBeDefined();
  expect(run.stdout).toMatch(/^ {2}Kafka {5}127\.0\.0\.1:\d+$/m);
  const command = `bin/walrusmq topic create orders --partitions 4 --broker ${address}`;
  expect(run.stdout).toContain(`  ${command}\n`);
  process.kill(run.pid, 'SIGTERM');
  expect(await run.end()).toBe(0);
});

it('says that its broker was killed, and ends as that did', async () => {
  const run = new MakeRun();
  await run.shown();
  process.kill(run.brokerPid, 'SIGKILL');
  expect(await run.end()).toBe(137);
  expect(run.stderr).toMatch(/^the broker was ended by SIGKILL$/m);
});
