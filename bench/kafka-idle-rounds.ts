// What the Kafka listener costs a broker that no Kafka client has reached, and what the first one
// costs: its code is loaded then.
import { connect } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerProcess } from '../test/crash/broker-process';
import { valueRow } from './figures';
import { askApiVersions } from './kafka/first-request';
import type { Section } from './report';

const IDLE_MS = 500;

/** Memory is resident, in bytes. */
interface ListenerCost {
  readonly offBytes: number;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly firstMs: number;
  readonly nextMs: number;
}

/** From the connection's first packet until its first answer is there. */
async function answerMs(address: string): Promise<number> {
  const place = address.lastIndexOf(':');
  const started = performance.now();
  const socket = connect(Number(address.slice(place + 1)), address.slice(0, place));
  try {
    const answer = await askApiVersions(socket);
    if (answer === undefined) throw new Error(`${address} closed the connection of its client`);
    return performance.now() - started;
  } finally {
    socket.destroy();
  }
}

async function stop(broker: BrokerProcess): Promise<void> {
  const code = await broker.stop();
  if (code !== 0) throw new Error(`a broker ended with ${String(code)}:\n${broker.stderr}`);
}

async function idleBytes(broker: BrokerProcess): Promise<number> {
  await sleep(IDLE_MS);
  return broker.rssBytes();
}

async function measure(dataDir: string): Promise<ListenerCost> {
  const without = new BrokerProcess({ dataDir, flags: ['--kafka-port', 'off'] });
  await without.ready;
  const offBytes = await idleBytes(without);
  await stop(without);

  const broker = new BrokerProcess({ dataDir });
  const { kafka } = await broker.addresses;
  if (kafka === undefined) throw new Error('the broker has no Kafka listener');
  const beforeBytes = await idleBytes(broker);
  const firstMs = await answerMs(kafka);
  const nextMs = await answerMs(kafka);
  const afterBytes = await idleBytes(broker);
  await stop(broker);
  return { offBytes, beforeBytes, afterBytes, firstMs, nextMs };
}

/** Starts brokers without a Kafka listener and with one in turns. */
export async function kafkaIdleSection(
  directory: string,
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Section> {
  const runs: ListenerCost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    onProgress(`Kafka listener: start ${round + 1} of ${rounds}`);
    const dataDir = join(directory, `kafka-${round}`);
    runs.push(await measure(dataDir));
    rmSync(dataDir, { recursive: true });
  }
  const all = (name: keyof ListenerCost, unit = 1): number[] => runs.map((run) => run[name] / unit);
  const megabytes = (name: keyof ListenerCost): number[] => all(name, 1e6);
  const [off, before, after] = [
    megabytes('offBytes'),
    megabytes('beforeBytes'),
    megabytes('afterBytes'),
  ];
  return {
    title: 'Broker, idle, and its first Kafka client',
    notes: [
      `Memory: resident, ${IDLE_MS} ms behind the ready line, and behind the second client's end.`,
      'Answer: from the connection to the answer of ApiVersions.',
    ],
    rows: [
      valueRow('memory, Kafka listener open', 'MB', before, '--kafka-port off', off),
      valueRow('memory, behind Kafka clients', 'MB', after, 'before them', before),
      valueRow("first client's answer", 'ms', all('firstMs'), "second client's", all('nextMs')),
    ],
  };
}
