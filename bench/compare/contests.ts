// Which loads are compared, on which sides, and what the ratios have to be.
import type { Budget, Measure, RowPlan } from '../figures';
import { nativeSide, seed, walrusmq, type Load, type Side } from './sides';

/** One load on several sides; the first side is ours. */
export interface Contest {
  readonly name: string;
  readonly title: string;
  readonly load: Load;
  readonly sides: Readonly<Record<string, Side>>;
  readonly rows: readonly RowPlan[];
}

/** How long and how much every run may take. */
export interface Limits {
  /** Payload that a side writes in one run. */
  readonly maxBytes: number;
  /** A phase ends after this, done or not. */
  readonly seconds: number;
}

const OURS = 'WalrusMQ';
const THREADS = 10;
const BATCH_ENTRIES = 2000;
const NO_FSYNC = { kind: 'no-fsync' } as const;
const EVERY_SECOND = { kind: 'milliseconds', intervalMs: 1000 } as const;
const SYNC_EACH = { kind: 'sync-each' } as const;
/** Where each read costs a sync on some side, the topics are kept this small. */
const STRICT_BYTES_MAX = 60e6;

const PEER_TITLES: Readonly<Record<string, string>> = {
  seed: 'the seed from Rust',
  rocksdb: 'RocksDB',
  pwrite: 'bare pwrite',
  'pwrite-sync': 'bare pwrite + fdatasync',
  memcpy: 'memcpy',
  pread: 'bare pread of 1 MiB',
};

function atLeast(bound: number, text: string): Budget {
  return { kind: 'at least', bound, text };
}

function contest(
  name: string,
  title: string,
  load: Load,
  peers: Readonly<Record<string, { side: Side; budget?: Budget; measure?: Measure }>>,
): Contest {
  const sides = Object.entries(peers).map(([peer, { side }]) => [peer, side] as const);
  const rows = Object.entries(peers).map(([peer, { budget, measure = 'bytes' }]): RowPlan => {
    const row = { title, load: `${name}/${OURS}`, peer: `${name}/${peer}`, measure };
    const peerTitle = PEER_TITLES[peer] ?? peer;
    return { ...row, peerTitle, ...(budget === undefined ? {} : { budget }) };
  });
  return { name, title, load, sides: { [OURS]: walrusmq, ...Object.fromEntries(sides) }, rows };
}

/** Loads of writing: one append per record, and batches of 2,000. */
export function writeContests({ maxBytes, seconds }: Limits): Contest[] {
  const load = { threads: THREADS, batchEntries: 0, persistEvery: 50, readSeconds: seconds };
  const plain = { ...load, writeSeconds: seconds, maxBytes, fsync: NO_FSYNC };
  const batches = { ...plain, batchEntries: BATCH_ENTRIES };
  const synced = { ...plain, fsync: SYNC_EACH };
  const pwrite = { side: nativeSide('limits', 'pwrite') };
  const rocksdb = { side: nativeSide('rocksdb', 'writes') };
  const memcpy = { side: nativeSide('limits', 'memcpy') };
  const many = atLeast(1.5, '≥ 1.5 × the seed');
  const inBatches = atLeast(3, '≥ 3 × the seed');
  return [
    contest('writes', '10 writers, no-fsync', plain, {
      seed: { side: seed, budget: many },
      rocksdb,
      pwrite,
      memcpy,
    }),
    contest(
      'writes-1000ms',
      '10 writers, 1000ms',
      { ...plain, fsync: EVERY_SECOND },
      {
        seed: { side: seed, budget: many },
        rocksdb,
        pwrite,
      },
    ),
    contest('writes-sync-each', '10 writers, sync-each', synced, {
      seed: { side: seed },
      rocksdb,
      'pwrite-sync': pwrite,
    }),
    contest('batch', '10 writers, batches of 2,000, no-fsync', batches, {
      seed: { side: seed, budget: inBatches },
      rocksdb,
      pwrite,
      memcpy,
    }),
    contest(
      'batch-1000ms',
      'the same, 1000ms',
      { ...batches, fsync: EVERY_SECOND },
      {
        seed: { side: seed, budget: inBatches },
        rocksdb,
        pwrite,
      },
    ),
  ];
}

/** Loads of reading what was just written; only the reading is measured. */
export function readContests({ maxBytes, seconds }: Limits): Contest[] {
  const load = { batchEntries: 0, writeSeconds: seconds, readSeconds: seconds, threads: THREADS };
  const relaxed = { ...load, maxBytes, persistEvery: 5000, fsync: EVERY_SECOND };
  const strict = {
    ...load,
    maxBytes: Math.min(maxBytes, STRICT_BYTES_MAX),
    persistEvery: 1,
    readMode: 'next',
  } as const;
  const pread = { side: nativeSide('limits', 'pread') };
  const syncedReads = { ...strict, threads: 1, maxBytes: 5e6, fsync: SYNC_EACH };
  const manyReads = atLeast(3, '≥ 3 × the seed');
  return [
    contest(
      'reads',
      '10 readers, readNext, AtLeastOnce(5000)',
      { ...relaxed, readMode: 'next' },
      {
        seed: { side: seed, budget: manyReads },
        pread,
      },
    ),
    contest(
      'reads-batch',
      '10 readers, batchReadForTopic of 1 MiB',
      { ...relaxed, readMode: 'batch' },
      { seed: { side: seed, budget: manyReads }, pread },
    ),
    contest(
      'reads-strict',
      '10 readers, StrictlyAtOnce, 1000ms',
      { ...strict, fsync: EVERY_SECOND },
      {
        seed: { side: seed, budget: atLeast(100, '≥ 100 × the seed'), measure: 'operations' },
      },
    ),
    contest('reads-strict-sync-each', '1 reader, StrictlyAtOnce, sync-each', syncedReads, {
      'pwrite-sync': {
        side: (given, directory) =>
          nativeSide('limits', 'pwrite')({ ...given, maxBytes: 1e6 }, directory),
        measure: 'operations',
        budget: atLeast(1 / 1.2, 'time ≤ 1.2 × a bare sync'),
      },
    }),
  ];
}
