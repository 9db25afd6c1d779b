// What a megabyte costs the broker, by the number of connections and of partitions it comes
// through, with batches of one size and as many requests under way: produced, then fetched.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Admin } from '@walrusmq/client';
import { encodeBatch } from '@walrusmq/record-batch';
import { BrokerProcess } from '../test/crash/broker-process';
import { ProtocolLink } from '../test/crash/protocol-link';
import { median, verdictOf, type Budget } from './figures';
import { describeMachine } from './machine';
import { show } from './plots/show';
import { CsvFile } from './suite/csv';

const HELP = `usage: npm run bench:cost -- connections|partitions [options]

  --counts LIST     of connections or partitions (default 1,10,100,1000)
  --megabytes N     of batches per measurement (default 128)
  --rounds N        counted, behind one that warms up (default 3)
  --fsync SCHEDULE  of the broker (default no-fsync)
  --each            one request under way on each connection instead of 64 in all: what
                    connections cost apart from what pipelining on one of them saves
  --out PATH        where the CSV file and the plot go (default: here)
`;
const RECORDS_PER_BATCH = 100;
const RECORD_BYTES = 150;
const IN_FLIGHT = 64;
const KINDS = ['connections', 'partitions'] as const;
type Kind = (typeof KINDS)[number];
const BUDGETS: Readonly<Record<Kind, Budget>> = {
  connections: { kind: 'at most', bound: 1.3, text: '≤ 1.3 × one connection' },
  partitions: { kind: 'at most', bound: 3, text: '≤ 3 × one partition' },
};
const PHASES = ['produce', 'fetch'] as const;
/** Broker processor time per megabyte of batches, in ms. */
type Cost = Readonly<Record<(typeof PHASES)[number], number>>;

const batch = encodeBatch(
  Array.from({ length: RECORDS_PER_BATCH }, () => ({
    key: null,
    value: Buffer.alloc(RECORD_BYTES, 'x'),
  })),
);

/** Does `count` jobs, `width` at a time. @throws What a job failed with. */
async function inTurn(
  count: number,
  width: number,
  job: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await job(index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** One broker, and topics of its own for each measurement. */
class CostBench {
  private topicCount = 0;

  constructor(
    private readonly broker: BrokerProcess,
    private readonly address: string,
    private readonly batchCount: number,
    private readonly each: boolean,
  ) {}

  /** Writes and reads the same batches through so many connections and partitions. */
  async measure(connections: number, partitions: number): Promise<Cost> {
    this.topicCount += 1;
    const topic = `cost-${this.topicCount}`;
    const admin = new Admin({ broker: this.address });
    await admin.createTopic(topic, { partitions });
    const links = await Promise.all(
      Array.from({ length: connections }, () => ProtocolLink.open(this.address)),
    );
    const at = (index: number) => {
      const link = links[index % connections];
      if (link === undefined) throw new RangeError('no connection');
      return { link, partition: index % partitions };
    };
    try {
      // Opens every partition's log: that is paid once.
      await inTurn(partitions, IN_FLIGHT, (index) => {
        return at(index).link.request('produce', { topic, partition: index, acks: -1 }, [batch]);
      });
      const width = this.each ? connections : IN_FLIGHT;
      const produce = await this.costOf(width, (index) => {
        const { link, partition } = at(index);
        return link.request('produce', { topic, partition, acks: -1 }, [batch]);
      });
      const fetch = await this.costOf(width, (index) => {
        const { link, partition } = at(index);
        const offset = Math.floor(index / partitions) * RECORDS_PER_BATCH;
        const asked = [[topic, partition, offset]] as const;
        return link.request('fetch', { partitions: asked, maxBytes: batch.length });
      });
      return { produce, fetch };
    } finally {
      for (const link of links) link.close();
      await admin.deleteTopic(topic);
      await admin.close();
    }
  }

  private async costOf(width: number, job: (index: number) => Promise<unknown>): Promise<number> {
    const before = this.broker.cpuSeconds();
    await inTurn(this.batchCount, width, job);
    const cpuSeconds = this.broker.cpuSeconds() - before;
    return (cpuSeconds * 1e3) / ((this.batchCount * batch.length) / 1e6);
  }
}

interface Options {
  readonly kind: Kind;
  readonly counts: readonly number[];
  readonly megabytes: number;
  readonly rounds: number;
  readonly fsync: string;
  readonly each: boolean;
  readonly out: string;
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    options: {
      counts: { type: 'string', default: '1,10,100,1000' },
      megabytes: { type: 'string', default: '128' },
      rounds: { type: 'string', default: '3' },
      fsync: { type: 'string', default: 'no-fsync' },
      each: { type: 'boolean', default: false },
      out: { type: 'string', default: '.' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const kind = KINDS.find((known) => known === positionals[0]);
  if (values.help || kind === undefined) return undefined;
  const { fsync, out, each } = values;
  const counts = values.counts.split(',').map(Number);
  return {
    kind,
    counts,
    megabytes: Number(values.megabytes),
    rounds: Number(values.rounds),
    fsync,
    each,
    out,
  };
}

/** The costs of every count, a round of each in turn; the first round is not counted. */
async function measureAll(bench: CostBench, { kind, counts, rounds }: Options) {
  const found = new Map<number, Cost[]>(counts.map((count) => [count, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const count of counts) {
      process.stderr.write(`${round === 0 ? 'warm-up' : `round ${round}`}: ${count} ${kind}\n`);
      const cost =
        kind === 'connections' ? await bench.measure(count, 4) : await bench.measure(1, count);
      if (round > 0) found.get(count)?.push(cost);
    }
  }
  return found;
}

/** Writes the CSV file and its plot, and says how far the cost of the largest count is off. */
function reportAll(options: Options, found: ReadonlyMap<number, readonly Cost[]>): void {
  const { kind, counts, out, fsync, each, megabytes, rounds } = options;
  const name = `${kind}_cost.csv` as const;
  const csv = new CsvFile(join(out, name), name);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const { cores, processor, node } = describeMachine(out);
  say(`${cores} cores (${processor}), Node ${node}; medians of ${rounds} rounds`);
  say(
    `${megabytes} MB in batches of ${batch.length} B, requests under way: ` +
      `${each ? 'one on each connection' : IN_FLIGHT}, --fsync ${fsync}; broker CPU in ms per MB`,
  );
  const first: Record<string, number> = {};
  for (const count of counts) {
    const costs = found.get(count) ?? [];
    const cost = { produce: 0, fetch: 0 };
    for (const phase of PHASES) {
      cost[phase] = median(costs.map((one) => one[phase]));
      first[phase] ??= cost[phase];
    }
    const of = (phase: keyof Cost): string => {
      const growth = cost[phase] / (first[phase] ?? Number.NaN);
      return `${phase} ${cost[phase].toFixed(2)} (${growth.toFixed(2)} ×)`;
    };
    say(`${String(count).padStart(5)} ${kind}: ${PHASES.map(of).join(', ')}`);
    csv.append({
      count,
      produce_ms_per_mb: cost.produce.toFixed(3),
      fetch_ms_per_mb: cost.fetch.toFixed(3),
    });
    if (count !== counts.at(-1)) continue;
    for (const phase of PHASES) {
      const { text, met } = verdictOf(cost[phase] / (first[phase] ?? Number.NaN), BUDGETS[kind]);
      say(`${phase} ${text}: ${met ? 'met' : 'MISSED'}`);
    }
  }
  for (const path of show(kind, out, process.env)) say(path);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const parent = join(__dirname, '..', '.make');
  mkdirSync(parent, { recursive: true });
  const dataDir = mkdtempSync(join(parent, 'cost-'));
  const flags = ['--fsync', options.fsync, '--log-level', 'warn', '--log-format', 'json'];
  const broker = new BrokerProcess({ dataDir, flags });
  try {
    const batchCount = Math.ceil((options.megabytes * 1e6) / batch.length);
    const bench = new CostBench(broker, await broker.ready, batchCount, options.each);
    reportAll(options, await measureAll(bench, options));
  } finally {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:cost: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
