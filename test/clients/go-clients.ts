// Go's clients, driven by the suites: franz-go and Sarama.
import { join } from 'node:path';
import { EVERYTHING, installedClients } from './client-programs';
import type { ClientCapabilities, ClientDefinition } from './client-under-test';
import { processClient } from './process-client';

function goClient(
  name: string,
  capabilities: Partial<ClientCapabilities>,
  program: string,
  ...args: readonly string[]
): ClientDefinition {
  return processClient({
    name,
    capabilities: { ...EVERYTHING, ...capabilities },
    command: async () => [join(await installedClients('go'), program), ...args],
  });
}

export const FRANZ_GO = goClient(
  'franz-go',
  { assignors: ['cooperative-sticky', 'sticky', 'range', 'roundrobin'] },
  'franz',
  'classic',
);

/** The same with the groups of KIP-848, whose assignors are the broker's. */
export const FRANZ_GO_NEXT = goClient(
  'franz-go, consumer protocol',
  { assignors: ['uniform', 'range'] },
  'franz',
  'consumer',
);

/** It hashes keys by FNV-1a unless told otherwise, and has no seek inside a group. */
const SARAMA_CAPABILITIES: Partial<ClientCapabilities> = {
  commands: EVERYTHING.commands.filter((command) => command !== 'seek'),
  partitioner: 'other',
  assignors: ['range', 'roundrobin', 'sticky'],
};

/** With the newest versions that it knows. */
export const SARAMA = goClient('Sarama', SARAMA_CAPABILITIES, 'sarama', 'max');

/** As it is when nobody says which Kafka there is: Produce 7, Fetch 10, JoinGroup 4. */
export const SARAMA_2_1 = goClient(
  'Sarama as of Kafka 2.1',
  { ...SARAMA_CAPABILITIES, staticMembers: false },
  'sarama',
  '2.1.0',
);
