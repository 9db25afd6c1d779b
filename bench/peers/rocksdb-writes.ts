// The write benchmark on RocksDB, with the settings of `bench writes`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CsvFile } from '../suite/csv';
import { startDisplay } from '../suite/progress';
import { inNewDirectory, sampler } from '../suite/run';
import { fsyncText } from '../suite/setting-values';
import { readSettings } from '../suite/settings';
import { NOTHING, writesRow } from '../suite/throughput-rows';
import { buildPeer, nativeArguments, runPeer, type PeerLine } from './peer-process';

function momentOf({ seconds, operations, entries, bytes }: PeerLine) {
  const totals = { ...NOTHING, appends: operations, writtenEntries: entries, writtenBytes: bytes };
  return { phase: 'write' as const, seconds, totals };
}

async function main(): Promise<void> {
  const settings = readSettings('writes', process.argv.slice(2), process.env);
  const program = buildPeer('rocksdb');
  mkdirSync(settings.out, { recursive: true });
  const name = 'rocksdb_benchmark_throughput.csv';
  const csv = new CsvFile(join(settings.out, name), name);
  const display = startDisplay('RocksDB', settings.writeSeconds);
  const start = { phase: 'write' as const, seconds: 0, totals: NOTHING };
  const record = sampler('write', start, (sampled) => {
    display.show(sampled);
    csv.append(writesRow(sampled));
  });
  try {
    const [end] = await inNewDirectory(settings.parent, (directory) => {
      const args = nativeArguments('writes', {
        directory,
        threads: settings.threads.last,
        batchEntries: 0,
        seconds: settings.writeSeconds,
        maxBytes: settings.maxBytes,
        fsync: settings.fsync,
      });
      return runPeer(program, args, {}, (line) => record(momentOf(line)));
    });
    if (end === undefined) throw new Error('RocksDB printed no figures');
    record(momentOf(end));
    display.end();
    const rate = (end.entries / end.seconds).toFixed(0);
    const megabytes = (end.bytes / end.seconds / 1e6).toFixed(1);
    const threads = `${settings.threads.last} threads, fsync ${fsyncText(settings.fsync)}`;
    process.stdout.write(`RocksDB, ${threads}: ${rate} entries/s, ${megabytes} MB/s\n`);
  } finally {
    display.end();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
