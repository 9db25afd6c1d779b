// Brings a log to one stage of its life and ends the process, or its worker thread, in one way.
// Arguments: stage, ending, directory. Prints "acknowledged N" as often as N moves, and "ready".
'use strict';
const { writeSync } = require('node:fs');
const { join } = require('node:path');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const ADDON = process.env.WALRUS_TEST_ADDON ?? join(__dirname, '..', '..', 'native');
const IN_FLIGHT = 300;
const OPENINGS = 8;
const SIZES = { blockBytes: 65536, blocksPerFile: 4, journalBytes: 65536 };
const [stage, ending, directory] = isMainThread ? process.argv.slice(2) : workerData;
const isInWorker = ending.startsWith('worker');

function say(line) {
  writeSync(1, `${line}\n`);
}

function open() {
  const { Wal } = require(ADDON);
  return opened(Wal.open({ directory, fsync: 'sync-each', ...SIZES }));
}

function opened(wal) {
  const log = wal.openLog(Buffer.alloc(16, 1), 0);
  wal.onSettled((_written, synced, failures) => {
    if (failures.length > 0) say(`failed ${failures[0]}`);
    say(`acknowledged ${synced}`);
  });
  return { wal, log };
}

/** A batch of one record, as the engine builds it. */
function batchFrom({ wal, log }) {
  const offset = wal.appendEntrySync(log, Buffer.from('entry of the life-cycle test'));
  return wal.readSync(log, offset, 0);
}

function appendMany(opened) {
  const batch = batchFrom(opened);
  for (let count = 0; count < IN_FLIGHT; count += 1) {
    const copy = Buffer.from(batch);
    // Cut in one, two and five parts: one, two or a list of Buffers to keep alive.
    const cuts = [[0], [0, 20], [0, 5, 17, 61, 70]][count % 3];
    const parts = cuts.map((from, index) => copy.subarray(from, cuts[index + 1]));
    opened.wal.append(opened.log, parts);
  }
}

const STAGES = {
  require: () => require(ADDON),
  open,
  'open failed': () => {
    const { Wal } = require(ADDON);
    try {
      Wal.open({ directory: __filename });
    } catch (error) {
      say(`refused ${error.code}`);
    }
  },
  // More than Node's pool has threads: some are being opened, some wait for a thread.
  opening: () => {
    const { Wal } = require(ADDON);
    for (let count = 0; count < OPENINGS; count += 1) {
      const place = count === 0 ? directory : join(directory, `other-${count % (OPENINGS - 2)}`);
      const shared = count > 0 ? { shared: true } : {};
      Wal.openAsync({ directory: place, fsync: 'sync-each', ...SIZES, ...shared }).then(
        () => say('opened'),
        (error) => say(`failed ${error}`),
      );
    }
  },
  'opening failed': () => {
    const { Wal } = require(ADDON);
    Wal.openAsync({ directory: __filename }).catch((error) => say(`refused ${error.code}`));
  },
  'opened off its thread': async () => {
    const { Wal } = require(ADDON);
    const wal = await Wal.openAsync({ directory, fsync: 'sync-each', ...SIZES });
    appendMany(opened(wal));
  },
  'appends in flight': () => appendMany(open()),
  'reads in flight': () => {
    const opened = open();
    batchFrom(opened);
    for (let count = 0; count < 50; count += 1) {
      opened.wal.read(opened.log, 0, 1 << 20).then(
        () => undefined,
        () => undefined,
      );
    }
  },
  'other calls in flight': () => {
    const { wal, log } = open();
    batchFrom({ wal, log });
    wal.commitCursor(log, 'reader', 1);
    for (const call of [wal.truncate(log, 1), wal.offsetForTimestamp(log, 0)]) {
      call.then(
        () => undefined,
        () => undefined,
      );
    }
  },
  closing: () => {
    const opened = open();
    appendMany(opened);
    opened.wal.close().then(
      () => say('closed'),
      (error) => say(`failed ${error}`),
    );
  },
  closed: async () => {
    const opened = open();
    appendMany(opened);
    await opened.wal.close();
    say('closed');
  },
  'closed on its thread': () => {
    const opened = open();
    appendMany(opened);
    opened.wal.closeSync();
    say('closed');
  },
};

/** Collects what nobody holds, over a few turns of the loop. */
function collect(turns, done) {
  global.gc();
  if (turns === 0) done();
  else setImmediate(collect, turns - 1, done);
}

const ENDINGS = {
  'natural end': () => undefined,
  'process.exit': () => process.exit(0),
  'exit later': () => setTimeout(() => process.exit(0), 2),
  exception: () => {
    throw new Error('on purpose');
  },
  collected: () => collect(10, () => undefined),
  'worker ends': () => undefined,
  'worker exits': () => process.exit(0),
  'worker terminated': () => parentPort.postMessage('terminate'),
};

async function main() {
  await STAGES[stage]();
  say('ready');
  ENDINGS[ending]();
}

if (isInWorker && isMainThread) {
  const worker = new Worker(__filename, { workerData: [stage, ending, directory] });
  worker.on('message', () => worker.terminate());
  worker.on('exit', () => {
    // The thread is gone: its log must be free for this one.
    if (stage !== 'require' && stage !== 'open failed') open().wal.closeSync();
    say('worker gone');
  });
} else {
  main();
}
