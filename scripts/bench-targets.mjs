// The targets of the benchmark suite: make bench-…, show-…, live-….
import { rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureKafka } from './fetch-kafka.mjs';
import { ROOT, SetupError, ensureDist, requireTools } from './setup.mjs';

// What make (or the environment) calls a setting, and what the benchmarks call it.
const VARIABLES = {
  FSYNC: 'WALRUS_FSYNC',
  THREADS: 'WALRUS_THREADS',
  DURATION: 'WALRUS_DURATION',
  WRITE_DURATION: 'WALRUS_WRITE_DURATION',
  READ_DURATION: 'WALRUS_READ_DURATION',
  BATCH: 'WALRUS_BATCH_SIZE',
  BACKEND: 'WALRUS_BACKEND',
  MAX_BYTES: 'WALRUS_MAX_BYTES',
};
const BENCHMARKS = {
  writes: '10 writers, one append per record, 2 minutes',
  reads: '10 writers for 1 minute, then 10 readers for 2',
  scaling: 'writes with 1 to 10 threads, 30 seconds each',
  batch: '10 writers of batches of 2,000, 2 minutes',
  'batch-scaling': 'batches of 256 with 1 to 10 threads, 30 seconds each',
};
const FORMS = { '': undefined, '-sync': 'sync-each', '-fast': '100ms' };
const SHOWN = [
  'writes',
  'reads',
  'scaling',
  'batch-writes',
  'batch-scaling',
  'walrus-vs-rocksdb',
  'connections',
  'partitions',
  'vs-kafka',
];
const BENCH_AND_SHOWN = ['writes', 'reads', 'scaling'];
const LIVE = { writes: 'bench-writes', scaling: 'bench-scaling' };

/** Files that these targets leave in the repository's folder. */
const ARTEFACTS = [
  'benchmark_throughput',
  'rocksdb_benchmark_throughput',
  'read_benchmark_throughput',
  'batch_benchmark_throughput',
  'scaling_results',
  'scaling_results_live',
  'batch_scaling_results',
  'walrus_vs_rocksdb',
  'connections_cost',
  'partitions_cost',
  'kafka_comparison',
].flatMap((name) => ['csv', 'svg', 'png'].map((extension) => `${name}.${extension}`));

/** The environment of a benchmark: make's variables under their full names. */
export function benchEnvironment(environment, fsync) {
  const result = { ...environment };
  for (const [short, full] of Object.entries(VARIABLES)) {
    if (environment[short]) result[full] = environment[short];
  }
  if (fsync !== undefined) {
    if (environment.FSYNC) {
      throw new SetupError(`FSYNC=${environment.FSYNC}: this form is ${fsync} already; leave one`);
    }
    result.WALRUS_FSYNC = fsync;
  }
  return result;
}

function runTsx(file, args, env = process.env) {
  const command = ['node_modules/tsx/dist/cli.mjs', file, ...args];
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
  return status ?? 1;
}

function bench(name, args, fsync) {
  const env = benchEnvironment(process.env, fsync);
  ensureDist();
  return runTsx('bench/suite/main.ts', [name, ...args], env);
}

function show(name, args) {
  ensureDist();
  return runTsx('bench/plots/show.ts', [name, ...args]);
}

function vsKafka(args) {
  requireTools(['compiler', 'librdkafka']);
  ensureKafka();
  ensureDist();
  return runTsx('bench/kafka/main.ts', args);
}

function walrusVsRocksdb(args) {
  const env = benchEnvironment(process.env, undefined);
  ensureDist();
  return (
    runTsx('bench/suite/main.ts', ['writes', ...args], env) ||
    runTsx('bench/peers/rocksdb-writes.ts', args, env) ||
    show('walrus-vs-rocksdb', [])
  );
}

function benchTargets() {
  const targets = {};
  for (const [name, help] of Object.entries(BENCHMARKS)) {
    for (const [form, fsync] of Object.entries(FORMS)) {
      targets[`bench-${name}${form}`] = {
        help: fsync === undefined ? help : `the same with FSYNC=${fsync}`,
        run: (args) => bench(name, args, fsync),
      };
    }
  }
  for (const name of BENCH_AND_SHOWN) {
    for (const [form, fsync] of Object.entries(FORMS)) {
      targets[`bench-and-show-${name}${form}`] = {
        help: `bench-${name}${form}, then show-${name}`,
        run: (args) => bench(name, args, fsync) || show(name, []),
      };
    }
  }
  targets['bench-walrus-vs-rocksdb'] = {
    help: 'bench-writes, the same with RocksDB, and their plot',
    run: walrusVsRocksdb,
  };
  for (const kind of ['connections', 'partitions']) {
    targets[`bench-${kind}`] = {
      help: `what a megabyte costs the broker, from 1 to 1,000 ${kind}, with its plot`,
      run: (args) => (ensureDist(), runTsx('bench/broker-cost.ts', [kind, ...args])),
    };
  }
  targets['bench-push'] = {
    help: 'records pushed to a consumer, beside long polls: latency and processor time',
    run: (args) => (ensureDist(), runTsx('bench/push.ts', args)),
  };
  targets['bench-latency'] = {
    help: '10,000 records/s until durable, beside write + fdatasync, and until pushed',
    run: (args) => (ensureDist(), runTsx('bench/latency.ts', args)),
  };
  targets['bench-vs-nats'] = {
    help: 'produce and consume beside NATS JetStream; needs Go and, once, the network',
    run: (args) => (ensureDist(), runTsx('bench/nats/main.ts', args)),
  };
  targets['bench-vs-kafka'] = {
    help: 'both brokers in turn with the same clients; needs a JDK and, once, the network',
    run: vsKafka,
  };
  targets['bench-instances'] = {
    help: 'a SyncEach instance beside a busy one and beside a pwrite loop; a quota',
    run: (args) => (ensureDist(), runTsx('bench/instances.ts', args)),
  };
  targets['bench-compare'] = {
    help: 'ratios to the seed engine, RocksDB and bare system calls',
    run: (args) => (ensureDist(), runTsx('bench/compare/main.ts', args)),
  };
  return targets;
}

function plotTargets() {
  const targets = {};
  for (const name of SHOWN) {
    targets[`show-${name}`] = {
      help: 'its CSV as PNG and SVG',
      run: (args) => show(name, args),
    };
  }
  for (const [name, target] of Object.entries(LIVE)) {
    targets[`live-${name}`] = {
      help: `follows ${target}, which runs in another terminal`,
      run: (args) => (ensureDist(), runTsx('bench/plots/live.ts', [name, ...args])),
    };
  }
  return targets;
}

/** Removes what the targets above left. */
export function removeArtefacts() {
  for (const name of ARTEFACTS) rmSync(join(ROOT, name), { force: true });
}

export const BENCH_TARGETS = { ...benchTargets(), ...plotTargets() };
