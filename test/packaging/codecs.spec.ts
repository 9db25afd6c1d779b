// The codecs in what is built: none is loaded before a batch needs it, and all are found then.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { COMPRESSIONS, encodeBatch } from '@walrusmq/record-batch';
import { CommandBroker } from '../cli/command';
import { ProtocolLink } from '../crash/protocol-link';

const ROOT = join(__dirname, '..', '..');

/** Names of the loaded modules that belong to a codec, after `program` ran in a new process. */
function loadedBy(program: string): string {
  const names = `Object.keys(require.cache).join(' ').match(/[\\w-]+(?=\\.js)/g)`;
  const text = `
    const { encodeBatch, decodeBatch } = require('@walrusmq/record-batch');
    require('@walrusmq/client');
    const batch = (compression) => encodeBatch([{ value: Buffer.alloc(99) }], { compression });
    ${program}
    const codecs = ${names}.filter((name) => /gzip|snappy|lz4|zstd/.test(name));
    process.stdout.write([...new Set(codecs)].sort().join(' '));`;
  return execFileSync(process.execPath, ['-e', text], { cwd: ROOT, encoding: 'utf8' });
}

describe('the codecs', () => {
  it('are loaded by the first batch that needs them, and not before', () => {
    expect(loadedBy("decodeBatch(batch('none'));")).toBe('');
    expect(loadedBy("decodeBatch(batch('snappy'));")).toMatch(/^snappy( snappy_\w+)*$/);
    expect(loadedBy("decodeBatch(batch('lz4'));")).toBe('lz4-block lz4-frame');
    expect(loadedBy("decodeBatch(batch('zstd'));")).toMatch(/^zstd zstd-frame zstd-wasm/);
  });

  it('are found by the bundled broker where it unpacks records', async () => {
    const broker = await CommandBroker.start();
    const link = await ProtocolLink.open(broker.address);
    await link.request('createTopic', { name: 'packed' });
    const batches = COMPRESSIONS.map((compression) =>
      encodeBatch([{ value: Buffer.from(compression.repeat(100)) }], { compression }),
    );
    await link.request('produce', { topic: 'packed', partition: 0, acks: -1 }, batches);
    const partitions: [string, number, number][] = [['packed', 0, 0]];
    const { fields } = await link.request('fetch', { partitions, format: 'records' });
    const values = fields.partitions[0]?.[6]?.map(([, , , value]) => value?.toString());
    expect(values).toEqual(COMPRESSIONS.map((compression) => compression.repeat(100)));
    link.close();
    await broker.remove();
  });
});
