// Sends a flight file to a topic, and kills the broker in the middle.
import { Producer } from '@walrusmq/client';
import type { BrokerProcess } from './broker-process';
import type { FlightFile } from './flights';
import type { Rate } from './report';

/** The header that carries a record's position in its source file. */
export const POSITION = 'position';

const RUN_RECORDS = 500;
const RUNS_IN_FLIGHT_MAX = 8;

/**
 * Sends every flight, acknowledged by all; at half way the broker is killed and started again, with
 * sends under way that the producer repeats by itself.
 *
 * @returns How fast it was, kill and restart included.
 */
export async function produceFlights(
  broker: BrokerProcess,
  topic: string,
  file: FlightFile,
): Promise<Rate> {
  const producer = new Producer({ broker: broker.address, acks: 'all', clientId: 'demo' });
  const inFlight = new Set<Promise<void>>();
  const { flights } = file;
  let acknowledged = 0;
  let bytes = 0;
  let restarted: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const startedAt = performance.now();
  for (let position = 0; position < flights.length; position += RUN_RECORDS) {
    const run = flights.slice(position, position + RUN_RECORDS).map((flight, index) => {
      const value = JSON.stringify(flight);
      bytes += value.length;
      return {
        topic,
        key: flight.origin,
        value,
        headers: { [POSITION]: String(position + index) },
      };
    });
    const sent = producer
      .sendMany(run)
      .then(() => {
        acknowledged += run.length;
        if (acknowledged * 2 >= flights.length) restarted ??= killAndRestart(broker);
      })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    while (inFlight.size >= RUNS_IN_FLIGHT_MAX) await Promise.race(inFlight);
    if (failure !== undefined) throw failure.error;
  }
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure.error;
  const seconds = (performance.now() - startedAt) / 1000;
  await restarted;
  await producer.close();
  return { records: flights.length, bytes, seconds };
}

async function killAndRestart(broker: BrokerProcess): Promise<void> {
  await broker.kill();
  await broker.start();
}
