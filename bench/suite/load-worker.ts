// The body of a worker thread: opens the engine, then carries out one phase after another.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { Walrus } from '@walrusmq/storage';
import { openEngine } from './engine';
import {
  appendBatches,
  appendEntries,
  readBatches,
  readEntries,
  warmUp,
  warmUpReads,
  type Post,
} from './loads';
import type { Phase, PhaseReport, WorkerOrders } from './orders';
import { Signals } from './signals';
import { Tally } from './tallies';

const WARM_UP_ENTRIES = 2000;
const WARM_UP_ENTRIES_SYNCED = 50;

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function carryOut(phase: Phase, post: Post, { settings, maxBytes }: WorkerOrders): void {
  switch (phase) {
    case 'write':
      if (settings.batchEntries > 0) appendBatches(post, maxBytes, settings.batchEntries);
      else appendEntries(post, maxBytes);
      break;
    case 'read':
      if (settings.readMode === 'batch') readBatches(post);
      else readEntries(post);
      break;
  }
}

/**
 * Before a thread ends: node waits there for the compiler, which may wait for a collection that
 * only the thread itself can do (nodejs/node#54918). It does not when one was just done.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function serve(orders: WorkerOrders): void {
  const port = parentPort;
  if (port === null) throw new Error('load-worker runs in a worker thread');
  const { directory, thread, settings, tallies, signals: memory } = orders;
  const signals = new Signals(memory);
  const walrus: Walrus = openEngine(directory, settings);
  const warmUpEntries =
    settings.fsync.kind === 'sync-each' ? WARM_UP_ENTRIES_SYNCED : WARM_UP_ENTRIES;
  warmUp(walrus, `warm_up_${thread}`, warmUpEntries);
  warmUpReads(walrus, `warm_up_${thread}`, settings.readMode);
  const post: Post = {
    walrus,
    topic: `${settings.batchEntries > 0 ? 'batch_topic' : 'topic'}_${thread}`,
    tally: new Tally(tallies, thread),
    isOver: () => signals.isOver(),
  };
  port.on('message', (phase: Phase | 'close') => {
    if (phase === 'close') {
      walrus.close().then(
        () => {
          collectGarbage();
          port.close();
        },
        (error: unknown) => {
          throw error;
        },
      );
      return;
    }
    signals.arriveAndWait();
    const syncsBefore = walrus.stats().syncs;
    const startedMs = nowMs();
    carryOut(phase, post, orders);
    const endedMs = nowMs();
    const syncsAfter = walrus.stats().syncs;
    port.postMessage({ startedMs, endedMs, syncsBefore, syncsAfter } satisfies PhaseReport);
  });
  port.postMessage('ready');
}

serve(workerData as WorkerOrders);
