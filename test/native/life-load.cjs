// Opens and closes logs thousands of times in one process: `life-load.cjs CYCLES`, --expose-gc.
// Buffers outlive their handles, appends are in flight while memory is collected, worker threads
// share an engine and end over it; descriptors, threads and memory stay level. Prints what was
// wrong, and `N passed, N failed`.
'use strict';
const { mkdtempSync, readFileSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { Wal } = require(process.env.WALRUS_TEST_ADDON ?? join(__dirname, '..', '..', 'native'));

const DIRECTORIES = 16;
const KEPT_BUFFERS = 200;
const WORKER_ENTRIES = 40;
const WARM_SHARE = 0.25;
// AddressSanitizer keeps freed memory: only descriptors and threads count there.
const MEMORY_GROWTH_BYTES = 24 * 2 ** 20;
const isSanitized = process.env.ASAN_OPTIONS !== undefined;
const TOPIC = Buffer.alloc(16, 5);
const SIZES = { blockBytes: 65536, blocksPerFile: 4, journalBytes: 65536 };

function optionsOf(directory, shared) {
  return { directory, fsync: 'no-fsync', ...SIZES, ...(shared ? { shared } : {}) };
}

function open(directory, shared) {
  const wal = Wal.open(optionsOf(directory, shared));
  return { wal, log: wal.openLog(TOPIC, 0) };
}

/** As `open`, off the loop, by two at a time of which one is refused. */
async function openAsync(directory) {
  const openings = [1, 2].map(() => Wal.openAsync(optionsOf(directory)));
  const ends = await Promise.allSettled(openings);
  const [wal, ...more] = ends.flatMap(({ value }) => value ?? []);
  const codes = ends.flatMap(({ reason }) => reason?.code ?? []);
  if (more.length > 0 || codes.join() !== 'LOCKED') throw new Error(`refused: ${codes}`);
  return { wal, log: wal.openLog(TOPIC, 0) };
}

/** How many descriptors and threads the process has, and its resident bytes. */
function levels() {
  const status = readFileSync('/proc/self/status', 'utf8');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)[1]),
    bytes: 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]),
  };
}

class LifeLoad {
  constructor(cycles, root) {
    this.cycles = cycles;
    this.root = root;
    this.ends = new Array(DIRECTORIES).fill(0);
    this.kept = [];
    this.wrong = [];
    this.checks = 0;
  }

  expect(isRight, what) {
    this.checks += 1;
    if (!isRight) this.wrong.push(what);
  }

  directory(cycle) {
    return join(this.root, `log-${cycle % DIRECTORIES}`);
  }

  /** One life of a handle; every third is opened, and every second closed, off this thread. */
  async cycle(number) {
    const directory = this.directory(number);
    const { wal, log } = await (number % 3 === 0 ? openAsync(directory) : open(directory));
    const before = this.ends[number % DIRECTORIES];
    this.expect(wal.readableEnd(log) === before, `cycle ${number}: ${before} entries were there`);
    const text = `entry of cycle ${number};`;
    const offset = wal.appendEntrySync(log, Buffer.alloc(300, text));
    const batch = wal.readSync(log, offset, 0);
    this.keep(batch, text);
    // Nobody holds the Buffers that are in flight but the engine.
    for (let copies = 0; copies < 3; copies += 1) {
      wal.append(log, [Buffer.from(batch.subarray(0, 100)), Buffer.from(batch.subarray(100))]);
    }
    if (number % 50 === 0) global.gc();
    this.ends[number % DIRECTORIES] = before + 4;
    if (number % 64 === 63) wal.truncate(log, before).catch(() => undefined);
    if (number % 2 === 0) return wal.close();
    wal.closeSync();
    return undefined;
  }

  /** Looks into Buffers whose handles were closed long ago. */
  keep(batch, text) {
    this.kept.push({ batch, text });
    if (this.kept.length <= KEPT_BUFFERS) return;
    const old = this.kept.shift();
    this.expect(old.batch.includes(old.text), `the bytes of "${old.text}" have changed`);
  }

  async run() {
    let warm = levels();
    for (let number = 0; number < this.cycles; number += 1) {
      await this.cycle(number);
      if (number % 200 === 0) await this.shareWithWorkers(number);
      if (number === Math.floor(this.cycles * WARM_SHARE)) warm = await this.settled();
    }
    const end = await this.settled();
    this.expect(end.descriptors <= warm.descriptors, `${end.descriptors} descriptors`);
    this.expect(end.threads <= warm.threads, `${end.threads} threads, had ${warm.threads}`);
    const grown = end.bytes - warm.bytes;
    this.expect(isSanitized || grown <= MEMORY_GROWTH_BYTES, `grown by ${grown} bytes`);
    process.stdout.write(
      `${this.cycles} lives: ${warm.descriptors} descriptors then ${end.descriptors}, ` +
        `${warm.threads} threads then ${end.threads}, ` +
        `${(warm.bytes / 2 ** 20).toFixed(1)} MB then ${(end.bytes / 2 ** 20).toFixed(1)} MB\n`,
    );
  }

  async settled() {
    for (let turn = 0; turn < 5; turn += 1) {
      global.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return levels();
  }

  /** Three workers on one engine; one ends by itself, one exits, one is terminated. */
  async shareWithWorkers(number) {
    const directory = join(this.root, 'shared');
    const { wal, log } = open(directory, true);
    const begin = wal.readableEnd(log);
    const counts = await Promise.all(
      ['ends', 'exits', 'is terminated'].map((ending) => this.work(directory, ending)),
    );
    const told = counts.reduce((sum, count) => sum + count, 0);
    const added = wal.readableEnd(log) - begin;
    const most = 3 * WORKER_ENTRIES;
    this.expect(told >= WORKER_ENTRIES, `cycle ${number}: workers told of ${told} entries`);
    this.expect(added >= told && added <= most, `cycle ${number}: ${added} entries of ${told}`);
    await wal.close();
  }

  work(directory, ending) {
    return new Promise((resolve, reject) => {
      let told = 0;
      const worker = new Worker(__filename, { workerData: { directory, ending } });
      worker.on('message', (count) => {
        told = count;
        if (ending === 'is terminated') worker.terminate();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve(told));
    });
  }
}

/** A worker thread: appends, tells how many were written, and has more in flight when it ends. */
function workInThread({ directory, ending }) {
  const { wal, log } = open(directory, true);
  const half = WORKER_ENTRIES / 2;
  for (let count = 0; count < half; count += 1) wal.appendEntrySync(log, Buffer.alloc(50, ending));
  parentPort.postMessage(half);
  for (let count = 0; count < half; count += 1) wal.appendEntry(log, Buffer.alloc(70_000, ending));
  if (ending === 'exits') process.exit(0);
  if (ending === 'ends') wal.close().then(() => parentPort.postMessage(WORKER_ENTRIES));
}

async function main() {
  const root = mkdtempSync(join(tmpdir(), 'walrusmq-life-'));
  const load = new LifeLoad(Number(process.argv[2]), root);
  await load.run();
  rmSync(root, { recursive: true });
  for (const text of load.wrong.slice(0, 20)) process.stdout.write(`wrong: ${text}\n`);
  process.stdout.write(`${load.checks - load.wrong.length} passed, ${load.wrong.length} failed\n`);
  process.exitCode = load.wrong.length === 0 ? 0 : 1;
}

if (isMainThread) main();
else workInThread(workerData);
