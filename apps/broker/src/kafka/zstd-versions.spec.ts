// KIP-110: clients of old versions cannot read zstd, and do not send it.
import { fetchCodec, produceCodec } from '@walrusmq/kafka-protocol';
import { COMPRESSIONS, encodeBatch, type Compression } from '@walrusmq/record-batch';
import { errorName, KafkaFixture } from '../../test/kafka-fixture';

describe('zstd', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open();
    await fixture.topics.create({ name: 'orders' });
  });
  afterEach(() => fixture.close());

  const batch = (compression: Compression): Buffer =>
    encodeBatch([{ value: Buffer.alloc(1_000) }], { compression });
  const produce = async (compression: Compression, version: number): Promise<string> => {
    const { responses } = await fixture.ask(produceCodec, version, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1,
      topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batch(compression) }] }],
    });
    return errorName(responses[0]?.partitionResponses[0]?.errorCode ?? NaN);
  };
  const fetch = async (fetchOffset: number, version: number) => {
    const asked = { partition: 0, fetchOffset, partitionMaxBytes: 100_000 };
    const { responses } = await fixture.ask(fetchCodec, version, {
      maxWaitMs: 60_000,
      minBytes: 1,
      maxBytes: 100_000,
      isolationLevel: 0,
      topics: [{ topic: 'orders', partitions: [asked] }],
    });
    const answer = responses[0]?.partitions[0];
    const bytes = Buffer.concat(answer?.records ?? []).length;
    return [errorName(answer?.errorCode ?? NaN), bytes] as const;
  };

  it.each([3, 6])('is UNSUPPORTED_COMPRESSION_TYPE in version %d of Produce', async (version) => {
    expect(await produce('zstd', version)).toBe('UNSUPPORTED_COMPRESSION_TYPE');
    expect(fixture.topics.partition('orders', 0).readableEnd).toBe(0);
    for (const codec of COMPRESSIONS.filter((name) => name !== 'zstd')) {
      expect([codec, await produce(codec, version)]).toEqual([codec, 'NONE']);
    }
  });

  it('is taken from version 7 of Produce on', async () => {
    expect(await produce('zstd', 7)).toBe('NONE');
  });

  it.each([4, 9])('is UNSUPPORTED_COMPRESSION_TYPE in version %d of Fetch', async (version) => {
    await produce('gzip', 7);
    await produce('zstd', 7);
    await produce('none', 7);
    expect(await fetch(0, version)).toEqual(['UNSUPPORTED_COMPRESSION_TYPE', 0]);
    expect(await fetch(1, version)).toEqual(['UNSUPPORTED_COMPRESSION_TYPE', 0]);
    const [error, bytes] = await fetch(2, version);
    expect(error).toBe('NONE');
    expect(bytes).toBeGreaterThan(1_000);
  });

  it('is given from version 10 of Fetch on', async () => {
    await produce('zstd', 7);
    const [error, bytes] = await fetch(0, 10);
    expect(error).toBe('NONE');
    expect(bytes).toBeGreaterThan(60);
  });
});
