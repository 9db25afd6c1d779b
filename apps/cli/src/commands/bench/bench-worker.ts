// What a worker thread of `walrusmq bench` does.
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { codeOf, describeError } from '../../cli-error';
import { BenchConsumer } from './bench-consumer';
import { sharedClock, Tally } from './bench-messages';
import type { BenchNotice, BenchOrder, BenchTask } from './bench-messages';
import { BenchProducer } from './bench-producer';
import { newLatencies } from './latencies';

/** Carries out a task; failures are told to the main thread, and the promise always resolves. */
export async function runBenchWorker(task: BenchTask, port: MessagePort): Promise<void> {
  const say = (notice: BenchNotice): void => port.postMessage(notice);
  try {
    await (task.kind === 'producer' ? produce : consume)(task, port, say);
    say({ kind: 'done' });
  } catch (error) {
    say({ kind: 'failed', message: describeError(error), code: codeOf(error) });
  }
  port.close();
}

type Say = (notice: BenchNotice) => void;

async function nextOrder(port: MessagePort): Promise<BenchOrder> {
  const [order] = (await once(port, 'message')) as [BenchOrder];
  return order;
}

async function produce(task: BenchTask, port: MessagePort, say: Say): Promise<void> {
  const latencies = newLatencies();
  const clock = sharedClock(task.originNs);
  const tally = new Tally(task.tally);
  const producer = new BenchProducer(task.plan, task.index, clock, tally, latencies);
  try {
    await producer.connect();
    const ordered = nextOrder(port);
    say({ kind: 'ready', latencies });
    const order = await ordered;
    if (order.kind === 'stop') return;
    const stop = new AbortController();
    port.on('message', ({ kind }: BenchOrder) => {
      if (kind === 'stop') stop.abort();
    });
    await producer.run(order, stop.signal);
  } finally {
    await producer.close();
  }
}

async function consume(task: BenchTask, port: MessagePort, say: Say): Promise<void> {
  const latencies = newLatencies();
  const clock = sharedClock(task.originNs);
  const tally = new Tally(task.tally);
  const consumer = new BenchConsumer(task.plan, task.index, clock, tally, latencies);
  const stop = new Promise<void>((resolve) => {
    port.on('message', (order: BenchOrder) => {
      if (order.kind === 'start') consumer.measuredFromMs = order.measuredFromMs;
      else resolve();
    });
  });
  const running = consumer.run();
  try {
    await Promise.race([consumer.connected, running, stop]);
    say({ kind: 'ready', latencies });
    await Promise.race([running, stop]);
  } finally {
    await consumer.close();
  }
  await running;
}
