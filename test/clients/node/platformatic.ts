// @platformatic/kafka in two versions: the newest for Node 20, and one for newer Nodes.
import type { ClientCapabilities, ClientDefinition } from '../client-under-test';
import { processClient } from '../process-client';
import { REPOSITORY, servedBy } from './served-by';

export const PLATFORMATIC_CAPABILITIES: ClientCapabilities = {
  commands: [
    ...(['produce', 'read', 'join', 'poll', 'assignment', 'commit', 'leave'] as const),
    'produceTransaction',
    ...(['createTopic', 'deleteTopic', 'createPartitions', 'listTopics'] as const),
    ...(['describeTopic', 'describeConfigs', 'alterConfigs', 'deleteRecords'] as const),
    ...(['listOffset', 'describeCluster', 'listGroups', 'describeGroup'] as const),
    ...(['deleteGroup', 'committed', 'alterCommitted'] as const),
  ],
  // No zstd before Node 22.15.
  codecs: ['none', 'gzip', 'snappy', 'lz4'],
  writesBareSnappy: true,
  // A framed block ends its WebAssembly with `unreachable`.
  readsBareSnappyOnly: true,
  acks: [-1, 1, 0],
  idempotence: 'optional',
  partitioner: 'other',
  timestamps: true,
  nulls: true,
  ignoresAppendTime: true,
  headers: 'bytes',
  valueBytesMax: 8 * 1024 * 1024,
  binary: true,
  assignors: ['roundrobin'],
  staticMembers: false,
};

export const PLATFORMATIC: ClientDefinition = processClient({
  name: '@platformatic/kafka 1',
  capabilities: PLATFORMATIC_CAPABILITIES,
  command: () => servedBy(process.execPath, 'platformatic', REPOSITORY),
});
