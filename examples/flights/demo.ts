// `make demo`: real flight records through a broker that is killed twice for each file, and their totals.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@walrusmq/client';
import { BrokerProcess } from './broker-process';
import { consumeFlights } from './consume';
import { loadFlights, totalsOf } from './flights';
import { produceFlights } from './produce';
import { isEqual, originsTable, totalsTable, type Outcome } from './report';

const PARTITIONS = 4;
const RUNS = [
  { file: 'flights-20k.json', topic: 'flights-keyed', reader: 'per-origin' },
  { file: 'flights-200k.json', topic: 'flights-volume', reader: 'mean-delay' },
] as const;

async function runFile(broker: BrokerProcess, run: (typeof RUNS)[number]): Promise<Outcome> {
  const { topic, reader } = run;
  const file = await loadFlights(run.file);
  const expected = totalsOf(file);
  const admin = new Admin({ broker: broker.address, clientId: 'demo' });
  await admin.createTopic(topic, { partitions: PARTITIONS });
  say(`${run.file}: producing ${file.flights.length} records, with a SIGKILL at half way`);
  const produced = await produceFlights(broker, topic, file);
  say(`${run.file}: reading them as "${reader}", with a SIGKILL at half way`);
  const { totals: read, rate: consumed } = await consumeFlights(broker, topic, reader, file);
  const { partitions } = await admin.describeTopic(topic);
  await admin.close();
  const stored = partitions.reduce((sum, each) => sum + each.readableEnd - each.logStartOffset, 0);
  const repeatsByRetry = stored - file.flights.length;
  return { file: run.file, topic, reader, expected, read, repeatsByRetry, produced, consumed };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-demo-'));
  const broker = new BrokerProcess(dataDir);
  try {
    await broker.start();
    const outcomes: Outcome[] = [];
    for (const run of RUNS) outcomes.push(await runFile(broker, run));
    const exitCode = await broker.stop();
    const equal = outcomes.every(isEqual);
    process.stdout.write(`${totalsTable(outcomes)}\n`);
    const [keyed] = outcomes;
    if (keyed !== undefined) process.stdout.write(`${originsTable(keyed, equal)}\n`);
    process.stdout.write(equal ? 'all totals are equal\n' : 'TOTALS DIFFER\n');
    if (exitCode !== 0) say(`the broker ended with ${String(exitCode)} on SIGTERM`);
    return equal && exitCode === 0;
  } finally {
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

main().then(
  (succeeded) => {
    process.exitCode = succeeded ? 0 : 1;
  },
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
