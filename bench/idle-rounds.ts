// From the start of the process to the ready line, and the memory of a broker that nobody uses.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerProcess } from '../test/crash/broker-process';
import { valueRow } from './figures';
import type { Section } from './report';

const IDLE_MS = 500;
const BARE = "process.stdout.write('x'); setInterval(() => {}, 1e6)";

interface Idle {
  readonly startMs: number;
  readonly rssBytes: number;
}

async function startBroker(dataDir: string): Promise<Idle> {
  const started = performance.now();
  const broker = new BrokerProcess({ dataDir });
  await broker.ready;
  const startMs = performance.now() - started;
  await sleep(IDLE_MS);
  const rssBytes = broker.rssBytes();
  const code = await broker.stop();
  if (code !== 0) throw new Error(`an idle broker ended with ${String(code)}:\n${broker.stderr}`);
  return { startMs, rssBytes };
}

async function startBareNode(): Promise<Idle> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', BARE], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const startMs = performance.now() - started;
  await sleep(IDLE_MS);
  const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
  const rssBytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  return { startMs, rssBytes };
}

/** Starts brokers on new directories and bare node processes in turns; ten of each by design. */
export async function idleSection(
  directory: string,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const brokers: Idle[] = [];
  const again: Idle[] = [];
  const bare: Idle[] = [];
  for (let round = 0; round < rounds; round += 1) {
    onProgress(`idle: start ${round + 1} of ${rounds}`);
    const dataDir = join(directory, `data-${round}`);
    brokers.push(await startBroker(dataDir));
    again.push(await startBroker(dataDir));
    rmSync(dataDir, { recursive: true });
    bare.push(await startBareNode());
  }
  const startsOf = (runs: readonly Idle[]): number[] => runs.map(({ startMs }) => startMs);
  const memoryOf = (runs: readonly Idle[]): number[] => runs.map(({ rssBytes }) => rssBytes / 1e6);
  const peer = 'node -e, writes one byte';
  const ready = { kind: 'at most', bound: 300, text: 'ready in < 300 ms' } as const;
  return {
    title: 'Broker, idle',
    notes: [`Start: spawn to the ready line. Memory: resident, ${IDLE_MS} ms after it.`],
    rows: [
      valueRow('start, new data directory', 'ms', startsOf(brokers), peer, startsOf(bare), ready),
      valueRow('start, closed data directory', 'ms', startsOf(again), peer, startsOf(bare), ready),
      valueRow('resident memory', 'MB', memoryOf(brokers), peer, memoryOf(bare), {
        kind: 'at most',
        bound: 100,
        text: '< 100 MB idle',
      }),
    ],
  };
}
