import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpuSecondsBetween, readCpu, rssBytes } from './process-tree';

const BURN =
  'const end = Date.now() + 60000; process.stdout.write("on"); while (Date.now() < end);';

/** A node that runs a program and has said something. */
async function start(program: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Reads until a tree has used that much more than before; the test's own limit ends a hang. */
async function untilUsed(pid: number, seconds: number): Promise<number> {
  const before = readCpu(pid);
  for (;;) {
    const used = cpuSecondsBetween(before, readCpu(pid));
    if (used >= seconds) return used;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the processor time of a process', () => {
  it('counts what the process itself burns', async () => {
    const child = await start(BURN);
    expect(await untilUsed(child.pid, 0.1)).toBeGreaterThanOrEqual(0.1);
    await end(child);
  });

  it('counts a child of the process, and remembers it when it has ended', async () => {
    const parent = await start(`
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(BURN)}]);
      child.stdout.once('data', () => process.stdout.write('on'));
      process.stdin.once('data', () => child.kill('SIGKILL'));
      child.once('exit', () => process.stdout.write('off'));
    `);
    const before = readCpu(parent.pid);
    await untilUsed(parent.pid, 0.3);
    const ended = once(parent.stdout!, 'data');
    parent.stdin!.write('\n');
    await ended;
    expect(cpuSecondsBetween(before, readCpu(parent.pid))).toBeGreaterThan(0.25);
    await end(parent);
  });

  it('is nothing for a process that waits', async () => {
    const child = await start('process.stdout.write("on"); setInterval(() => {}, 60000)');
    const reading = readCpu(child.pid);
    expect(cpuSecondsBetween(reading, reading)).toBe(0);
    await end(child);
  });

  it('takes the process’s word where threads ended', () => {
    const before = { seconds: 1, threads: new Map([[7, 1e9]]) };
    expect(cpuSecondsBetween(before, { seconds: 3, threads: new Map() })).toBeCloseTo(1.98);
    const after = { seconds: 1.01, threads: new Map([[7, 1.014e9]]) };
    expect(cpuSecondsBetween(before, after)).toBeCloseTo(0.014);
  });

  it('is refused for a process that is gone', async () => {
    const child = await start('process.stdout.write("on"); setInterval(() => {}, 60000)');
    await end(child);
    expect(() => readCpu(child.pid)).toThrow(`process ${child.pid} is not there any more`);
    expect(() => rssBytes(child.pid)).toThrow(`process ${child.pid} is not there any more`);
  });
});

describe('the resident memory of a process', () => {
  it('has its children in it', async () => {
    const held = 64 * 2 ** 20;
    const child = `
      const held = Buffer.alloc(${held}, 1);
      process.stdout.write("on");
      setInterval(() => held, 60000);
    `;
    const alone = await start('process.stdout.write("on"); setInterval(() => {}, 60000)');
    const parent = await start(`
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(child)}]);
      child.stdout.once('data', () => process.stdout.write('on'));
      process.stdin.once('data', () => child.kill('SIGKILL'));
      child.once('exit', () => process.exit());
    `);
    expect(rssBytes(parent.pid)).toBeGreaterThan(rssBytes(alone.pid) + held);
    const gone = once(parent, 'exit');
    parent.stdin!.write('\n');
    await Promise.all([gone, end(alone)]);
  });
});
