// What the clients in other languages have in common.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientCapabilities } from './client-under-test';

const ROOT = join(__dirname, '..', '..');
const INSTALLER = join(ROOT, 'scripts', 'client-programs.mjs');

/** A client that can do everything. */
export const EVERYTHING: ClientCapabilities = {
  commands: [
    ...(['produce', 'read', 'join', 'poll', 'assignment', 'commit', 'seek', 'leave'] as const),
    'produceTransaction',
    ...(['createTopic', 'deleteTopic', 'createPartitions', 'listTopics'] as const),
    ...(['describeTopic', 'describeConfigs', 'alterConfigs', 'deleteRecords'] as const),
    ...(['listOffset', 'describeCluster', 'listGroups', 'describeGroup'] as const),
    ...(['deleteGroup', 'committed', 'alterCommitted'] as const),
  ],
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  acks: [-1, 1, 0],
  idempotence: 'optional',
  partitioner: 'murmur2',
  timestamps: true,
  nulls: true,
  headers: 'all',
  valueBytesMax: 32 * 1024 * 1024,
  binary: true,
  assignors: ['range', 'roundrobin', 'cooperative-sticky'],
  staticMembers: true,
};

type Language = 'python' | 'go';

const folderOf = (language: Language): string => join(ROOT, '.make', 'clients', language);

/** Whether the clients of a language were installed, by `make test-clients` for one. */
export function hasClients(language: Language): boolean {
  return existsSync(join(folderOf(language), 'installed'));
}

/** The folder of the installed clients of a language, which are brought up to date first. */
export async function installedClients(language: Language): Promise<string> {
  await promisify(execFile)(process.execPath, [INSTALLER, language]);
  return folderOf(language);
}
