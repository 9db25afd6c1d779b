// Python's clients, driven by the suites: confluent-kafka, which is librdkafka, and kafka-python.
import { join } from 'node:path';
import { EVERYTHING, installedClients } from './client-programs';
import type { ClientCapabilities, ClientDefinition } from './client-under-test';
import { processClient } from './process-client';

function pythonClient(
  name: string,
  capabilities: Partial<ClientCapabilities>,
  file: string,
  ...args: readonly string[]
): ClientDefinition {
  return processClient({
    name,
    capabilities: { ...EVERYTHING, ...capabilities },
    command: async () => [
      join(await installedClients('python'), 'bin', 'python'),
      join(__dirname, 'python', file),
      ...args,
    ],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
}

/** librdkafka puts keys by CRC-32 unless told otherwise. */
export const CONFLUENT_PYTHON = pythonClient(
  'confluent-kafka (Python)',
  { partitioner: 'other' },
  'confluent_client.py',
  'classic',
);

/** The same with the groups of KIP-848, whose assignors are the broker's. */
export const CONFLUENT_PYTHON_NEXT = pythonClient(
  'confluent-kafka (Python), consumer protocol',
  { partitioner: 'other', assignors: ['uniform', 'range'] },
  'confluent_client.py',
  'consumer',
);

export const KAFKA_PYTHON = pythonClient(
  'kafka-python',
  {
    assignors: ['range', 'roundrobin', 'sticky', 'cooperative-sticky'],
    headers: 'bytes',
    needsKeyOrValue: true,
  },
  'kafka_python_client.py',
);
