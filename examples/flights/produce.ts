// Sends a flight file to a topic, and kills the broker in the middle.
import { Producer, type ProducerRecord } from '@walrusmq/client';
import type { BrokerProcess } from './broker-process';
import type { FlightFile } from './flights';
import type { Rate } from './report';

/** The header that carries a record's position in its source file. */
export const POSITION = 'position';

/**
 * A file goes in so many runs, of which a quarter may be unanswered: enough to be hit by a kill.
 */
const RUNS = 40;
const RUNS_IN_FLIGHT_MAX = 10;
/**
 * Five batches to a partition are sent before an answer must come back, so of what is handed over
 * some is always without an answer: a busy machine may let the broker answer all that it was sent
 * before the signal gets there.
 */
const BATCH_BYTES = 16 * 1024;

export interface Produced {
  /** How fast it was while there was a broker. */
  readonly rate: Rate;
  readonly restartSeconds: number;
  /** Records that were sent before the kill and could be acknowledged only after the restart. */
  readonly inFlightAtKill: number;
}

interface Run {
  readonly records: readonly ProducerRecord[];
  readonly answered: Promise<void>;
}

/**
 * Sends every flight, acknowledged by all. When half of them are handed over the broker is killed
 * and started again, with sends under way that the producer repeats by itself.
 */
export async function produceFlights(
  broker: BrokerProcess,
  topic: string,
  file: FlightFile,
): Promise<Produced> {
  const producer = new Producer({
    broker: broker.address,
    acks: 'all',
    batchBytes: BATCH_BYTES,
    clientId: 'demo',
  });
  const inFlight = new Set<Run>();
  const { flights } = file;
  const runRecords = Math.ceil(flights.length / RUNS);
  let bytes = 0;
  let crash: Promise<Crash> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const startedAt = performance.now();
  for (let position = 0; position < flights.length; position += runRecords) {
    const records = flights.slice(position, position + runRecords).map((flight, index) => {
      const value = JSON.stringify(flight);
      bytes += value.length;
      const headers = { [POSITION]: String(position + index) };
      return { topic, key: flight.origin, value, headers };
    });
    const answered = producer.sendMany(records).then(
      () => {
        inFlight.delete(run);
      },
      (error: unknown) => {
        failure ??= { error };
      },
    );
    const run: Run = { records, answered };
    inFlight.add(run);
    if (position * 2 >= flights.length) crash ??= killAndRestart(broker, inFlight);
    while (inFlight.size >= RUNS_IN_FLIGHT_MAX && failure === undefined) {
      await Promise.race([...inFlight].map((one) => one.answered));
    }
    if (failure !== undefined) throw failure.error;
  }
  await Promise.all([...inFlight].map((one) => one.answered));
  if (failure !== undefined) throw failure.error;
  const seconds = (performance.now() - startedAt) / 1000;
  const { restartSeconds = 0, unanswered = 0 } = (await crash) ?? {};
  await producer.close();
  const rate = { records: flights.length, bytes, seconds: seconds - restartSeconds };
  return { rate, restartSeconds, inFlightAtKill: unanswered };
}

interface Crash {
  readonly restartSeconds: number;
  /** Records in flight when the signal was sent and without an answer when the broker was gone. */
  readonly unanswered: number;
}

async function killAndRestart(broker: BrokerProcess, inFlight: ReadonlySet<Run>): Promise<Crash> {
  await untilUnanswered(inFlight);
  const underWay = [...inFlight];
  const killedAt = performance.now();
  await broker.kill();
  const unanswered = underWay.filter((run) => inFlight.has(run));
  await broker.start();
  return {
    restartSeconds: (performance.now() - killedAt) / 1000,
    unanswered: unanswered.reduce((sum, run) => sum + run.records.length, 0),
  };
}

/**
 * Resolves when something that went out is without an answer although everything that came was
 * read. Where the broker answers within one turn of the event loop, the next turn is looked at.
 */
async function untilUnanswered(inFlight: ReadonlySet<Run>): Promise<void> {
  while (inFlight.size > 0) {
    const underWay = [...inFlight];
    // In the first turn the producer writes what it was given, in the second answers are read.
    await nextTurn();
    await nextTurn();
    if (underWay.some((run) => inFlight.has(run))) return;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
