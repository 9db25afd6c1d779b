// `make bench-vs-kafka`: this broker and Apache Kafka in turn, with the same clients.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaJars } from '../../test/clients/java-programs';
import { describeMachine } from '../machine';
import { show } from '../plots/show';
import { renderReport, type Report } from '../report';
import type { Answer, Task } from '../sdk-driver';
import { CsvFile } from '../suite/csv';
import { SettingsError } from '../suite/setting-values';
import { WorkerProcess } from '../worker-process';
import { liveOnce, type Drivers } from './broker-life';
import { SCHEDULES, SIDES } from './brokers';
import { JavaLoads, LibrdkafkaLoads } from './load-client';
import type { NodeAnswer, NodeTask } from './node-driver';
import {
  fullPlan,
  LOAD_CLIENTS,
  PARTS,
  shortPlan,
  WRITTEN_BYTES_MAX,
  writtenBytes,
  type LoadClientName,
  type Plan,
} from './plan';
import { sectionsOf } from './sections';
import { Tallies, type Measure, type Place } from './tallies';

const HELP = `usage: npm run bench:kafka -- [options]

Two brokers (this one, Apache Kafka in KRaft mode) with two settings each (each append synced, none
synced), one life after another in every round, each on an empty directory.

  --short         one small cell of each kind: shows that it runs, its figures mean nothing
  --rounds N      (default 3)
  --megabytes N   of payload per load (default 32); a life writes at most 1.5 GB
  --only LIST     of load, latency, node (default: all)
  --clients LIST  of java, librdkafka (default: both); what loads and latencies are measured with
  --dir PATH      where data goes (default: .make in the repository); removed at the end
  --out PATH      where the CSV file and the plot go (default: here)
  --json          the figures as JSON on stdout
`;

interface Options {
  readonly plan: Plan;
  readonly clients: readonly LoadClientName[];
  readonly parent: string;
  readonly out: string;
  readonly json: boolean;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new SettingsError(name, text, 'a whole number above 0');
}

/** The words of a list, each one of those that are known. */
function chosen<Word extends string>(name: string, text: string, known: readonly Word[]): Word[] {
  return text.split(',').map((word) => {
    const found = known.find((each) => each === word);
    if (found === undefined) throw new SettingsError(name, word, known.join(', '));
    return found;
  });
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      megabytes: { type: 'string', default: '32' },
      only: { type: 'string', default: PARTS.join(',') },
      clients: { type: 'string', default: LOAD_CLIENTS.join(',') },
      dir: { type: 'string', default: join(__dirname, '..', '..', '.make') },
      out: { type: 'string', default: '.' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const clients = chosen('--clients', values.clients, LOAD_CLIENTS);
  const parts = chosen('--only', values.only, PARTS);
  const rounds = positive('--rounds', values.rounds);
  const megabytes = positive('--megabytes', values.megabytes);
  const plan = values.short
    ? shortPlan({ clients, parts })
    : fullPlan({ clients, parts, rounds, megabytes });
  if (writtenBytes(plan) > WRITTEN_BYTES_MAX) {
    throw new SettingsError('--megabytes', values.megabytes, 'less: a life may write 1.5 GB');
  }
  return { plan, clients, parent: values.dir, out: values.out, json: values.json };
}

function startDrivers(clients: readonly LoadClientName[], directory: string): Drivers {
  return {
    loads: {
      ...(clients.includes('java') ? { java: new JavaLoads(directory) } : {}),
      ...(clients.includes('librdkafka') ? { librdkafka: new LibrdkafkaLoads() } : {}),
    },
    peers: new WorkerProcess<NodeTask, NodeAnswer>('kafka/node-driver'),
    sdk: new WorkerProcess<Task, Answer>('sdk-driver'),
  };
}

async function endDrivers({ loads, peers, sdk }: Drivers): Promise<void> {
  await Promise.all([...Object.values(loads), peers, sdk].map((driver) => driver.end()));
}

/** Both brokers in turn, never at once; who begins changes with every round. */
async function measure({ plan, clients }: Options, directory: string): Promise<Tallies> {
  const jars = kafkaJars();
  const tallies = new Tallies();
  const drivers = startDrivers(clients, directory);
  try {
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const schedule of SCHEDULES) {
        for (const side of round % 2 === 0 ? SIDES : [...SIDES].reverse()) {
          const place = `round ${round + 1} of ${plan.rounds}, ${side}, ${schedule}`;
          process.stderr.write(`${place}\n`);
          const say = (text: string): void => void process.stderr.write(`  ${text}\n`);
          const life = join(directory, 'life');
          await liveOnce({ side, schedule, directory: life, jars, plan, drivers, tallies, say });
        }
      }
    }
  } finally {
    await endDrivers(drivers);
  }
  return tallies;
}

/** A line per cell: the medians of all rounds, empty where a cell has no such figure. */
function writeCsv(tallies: Tallies, out: string): void {
  const csv = new CsvFile(join(out, 'kafka_comparison.csv'), 'kafka_comparison.csv');
  const text = (place: Place, measure: Measure): string =>
    tallies.middle(place, measure)?.toPrecision(6) ?? '';
  for (const place of tallies.places()) {
    csv.append({
      broker: place.side,
      schedule: place.schedule,
      cell: place.cell === '' ? 'process' : place.cell.replaceAll(',', ''),
      cpu_s_per_gb: text(place, 'cpuPerGb'),
      mb_per_second: text(place, 'mbPerSecond'),
      records_per_second: text(place, 'recordsPerSecond'),
      client_share: text(place, 'clientShare'),
      p50_ms: text(place, 'p50Ms'),
      p99_ms: text(place, 'p99Ms'),
      p999_ms: text(place, 'p999Ms'),
      start_s: text(place, 'startSeconds'),
      rss_mb: text(place, 'rssLoadedMb'),
    });
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  mkdirSync(options.parent, { recursive: true });
  mkdirSync(options.out, { recursive: true });
  const directory = mkdtempSync(join(options.parent, 'kafka-'));
  const started = performance.now();
  try {
    const tallies = await measure(options, directory);
    writeCsv(tallies, options.out);
    const report: Report = {
      machine: describeMachine(directory),
      sections: sectionsOf(tallies, options.plan.nodeSizes),
      seconds: (performance.now() - started) / 1000,
      writtenBytes: { 'each life of a broker': writtenBytes(options.plan) },
    };
    process.stdout.write(`${options.json ? JSON.stringify(report) : renderReport(report)}\n`);
    for (const path of show('vs-kafka', options.out, process.env)) {
      process.stderr.write(`${path}\n`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:kafka: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
