// One run of a bench: threads that start together, a progress line, and the figures at the end.
import { setTimeout } from 'node:timers/promises';
import type { Admin } from '@walrusmq/client';
import { CliError } from '../../cli-error';
import { grouped } from '../../output/tables';
import type { Terminal } from '../../output/terminal';
import { BenchCrew } from './bench-crew';
import { sharedClock } from './bench-messages';
import type { BenchPlan } from './bench-plan';
import { startBenchProgress } from './bench-progress';
import { sideOf, type BenchReport } from './bench-report';
import { summarise } from './latencies';

/** For the order to reach every thread before it begins. */
const HEAD_START_MS = 200;
const POLL_MS = 20;
/** How long consumers may get nothing while records are missing. */
const SILENCE_MS_MAX = 10_000;

/**
 * Makes the topics, runs the plan and removes the topics again.
 *
 * An interrupt ends the sending early; what was measured until then is the report.
 *
 * @throws {CliError} A thread failed; all are ended and the topics removed.
 */
export async function runBench(
  plan: BenchPlan,
  keepTopics: boolean,
  admin: Admin,
  terminal: Terminal,
): Promise<BenchReport> {
  const made: string[] = [];
  try {
    for (const topic of plan.topics) {
      await admin.createTopic(topic, { partitions: plan.partitions });
      made.push(topic);
    }
    return await measure(plan, terminal);
  } finally {
    if (!keepTopics) await Promise.all(made.map((topic) => admin.deleteTopic(topic)));
  }
}

async function measure(plan: BenchPlan, terminal: Terminal): Promise<BenchReport> {
  const originNs = process.hrtime.bigint();
  const clock = sharedClock(originNs);
  const producers = new BenchCrew('producer', plan.producers, plan, originNs);
  const consumers = new BenchCrew('consumer', plan.consumers, plan, originNs);
  const interrupt = (): void => producers.tell({ kind: 'stop' });
  terminal.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const connected = Promise.all([producers.ready(), consumers.ready()]);
    // An interrupt or a failure must not wait for the side that is still connecting.
    await Promise.race([connected, producers.done()]);
    terminal.signal.throwIfAborted();
    await connected;
    const startMs = clock() + HEAD_START_MS;
    const measuredFromMs = startMs + plan.warmUpMs;
    consumers.tell({ kind: 'start', startMs, measuredFromMs });
    producers.tell({ kind: 'start', startMs, measuredFromMs });
    const progress = startBenchProgress(terminal, plan, clock, measuredFromMs, producers);
    let missingRecords = 0;
    try {
      await Promise.race([producers.done(), consumers.done()]);
      await producers.done();
      missingRecords = plan.consumers === 0 ? 0 : await drain(producers, consumers);
    } finally {
      progress.stop();
    }
    consumers.tell({ kind: 'stop' });
    await consumers.done();
    // Whoever interrupts the warm-up knows why nothing was measured.
    if (producers.sum().records === 0) terminal.signal.throwIfAborted();
    return report(plan, measuredFromMs, producers, consumers, missingRecords);
  } finally {
    terminal.signal.removeEventListener('abort', interrupt);
    await Promise.all([producers.end(), consumers.end()]);
  }
}

/** Waits until everything sent was received. @returns How much was not, after a long silence. */
async function drain(producers: BenchCrew, consumers: BenchCrew): Promise<number> {
  const { all: sent } = producers.sum();
  const failed = consumers.done();
  let received = -1;
  let heardMs = performance.now();
  for (;;) {
    const { all } = consumers.sum();
    if (all >= sent) return 0;
    const now = performance.now();
    if (all > received) heardMs = now;
    else if (now - heardMs > SILENCE_MS_MAX) return sent - all;
    received = all;
    await Promise.race([setTimeout(POLL_MS), failed]);
  }
}

function report(
  plan: BenchPlan,
  measuredFromMs: number,
  producers: BenchCrew,
  consumers: BenchCrew,
  missingRecords: number,
): BenchReport {
  const sent = producers.sum();
  if (sent.records === 0) {
    throw new CliError(
      `nothing was sent behind the warm-up of ${grouped(plan.warmUpMs)} ms; make --duration longer`,
    );
  }
  const produce = sideOf(sent, plan.sizeBytes, measuredFromMs, summarise(producers.latencies()));
  if (plan.consumers === 0) return { plan, produce, missingRecords };
  const endToEnd = plan.endToEnd ? summarise(consumers.latencies()) : undefined;
  const consume = sideOf(consumers.sum(), plan.sizeBytes, measuredFromMs, endToEnd);
  return { plan, produce, consume, missingRecords };
}
