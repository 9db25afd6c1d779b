// `make demo`: real flight records through a broker that is killed twice for each file, then
// through a consumer group that loses a member and gains one, and their totals.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@walrusmq/client';
import { BrokerProcess } from './broker-process';
import { consumeFlights } from './consume';
import { loadFlights, totalsOf } from './flights';
import { readInGroup } from './group';
import { groupChecks, groupTable } from './group-report';
import { produceFlights } from './produce';
import { checksOf, originsTable, totalsTable, type Check, type Outcome } from './report';

const PARTITIONS = 4;
const GROUP = 'delays';
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
  const producing = await produceFlights(broker, topic, file);
  say(`${run.file}: reading them as "${reader}", with a SIGKILL at half way`);
  const consuming = await consumeFlights(broker, topic, reader, file);
  const { partitions } = await admin.describeTopic(topic);
  await admin.close();
  return {
    ...run,
    expected,
    read: consuming.totals,
    stored: partitions.reduce((sum, each) => sum + each.readableEnd - each.logStartOffset, 0),
    offsetsRead: consuming.offsets,
    inFlightAtKill: producing.inFlightAtKill,
    unreadAtKill: consuming.unreadAtKill,
    produced: producing.rate,
    consumed: consuming.rate,
    restartSeconds: [producing.restartSeconds, consuming.restartSeconds],
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printReport(outcomes: readonly Outcome[], checks: readonly Check[]): boolean {
  print(totalsTable(outcomes));
  const [keyed] = outcomes;
  if (keyed !== undefined) print(`${keyed.file}, flights per origin:\n${originsTable(keyed)}`);
  const broken = checks.filter(({ holds }) => !holds);
  for (const { what } of broken) print(`NOT SO: ${what}`);
  print(broken.length === 0 ? 'all totals are equal' : 'the demo FAILED');
  print(`${checks.length - broken.length} passed, ${broken.length} failed`);
  return broken.length === 0;
}

async function main(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-demo-'));
  const broker = new BrokerProcess(dataDir);
  try {
    await broker.start();
    const outcomes: Outcome[] = [];
    for (const run of RUNS) outcomes.push(await runFile(broker, run));
    const { topic, file } = RUNS[1];
    say(`${file}: reading them as a group of three, with a SIGKILL of one member at a third`);
    const flights = await loadFlights(file);
    const group = await readInGroup(broker, topic, GROUP, flights, say);
    const exitCode = await broker.stop();
    const what = `the broker ends with 0 on SIGTERM (it was ${String(exitCode)})`;
    print(groupTable(group));
    const checks = [...outcomes.flatMap(checksOf), ...groupChecks(group, totalsOf(flights))];
    return printReport(outcomes, [...checks, { what, holds: exitCode === 0 }]);
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
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
