// What lies on the wire, byte for byte, written by hand from Kafka's own descriptions: here both
// sides cannot be wrong in the same way. What every message looks like is in
// libs/kafka-protocol/src/golden.spec.ts.
import { apiVersionsCodec, decodeResponse, metadataCodec } from '@walrusmq/kafka-protocol';
import { RawKafkaClient } from './raw-kafka-client';
import { TestBroker } from './test-broker';

/** The correlation id of all requests here. */
const ID = '0000004d';
/** A client id "me" as an int16 and its bytes, which it is in every version of the header. */
const CLIENT = '00026d65';
/** Name "abc" and version "1" of the client's software, as compact strings. */
const SOFTWARE = '04616263' + '0231';
const NO_TAGS = '00';
const NO_THROTTLE = '00000000';
const UNSUPPORTED_VERSION = '0023';
const UNKNOWN_MEMBER_ID = '0019';
const GROUP_ID_NOT_FOUND = '0045';

/** API key and version as they begin a request. */
function start(apiKey: number, version: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeInt16BE(apiKey, 0);
  bytes.writeInt16BE(version, 2);
  return bytes.toString('hex') + ID + CLIENT;
}

describe('a Kafka client that counts bytes', () => {
  let broker: TestBroker;
  let client: RawKafkaClient;

  beforeAll(async () => {
    broker = await TestBroker.start();
    const admin = await broker.withTopic('orders');
    admin.destroy();
  });
  afterAll(() => broker.stop());
  beforeEach(async () => {
    client = await RawKafkaClient.connect(broker.broker.addresses.kafka ?? '');
  });
  afterEach(() => client.destroy());

  /** What the broker answers to these bytes, without the length. */
  const answerTo = async (...hex: readonly string[]): Promise<Buffer> => {
    const body = Buffer.from(hex.join(''), 'hex');
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(body.length);
    client.write(Buffer.concat([prefix, body]));
    const answer = await client.bodyOrEnd();
    if (answer === undefined) throw new Error('the connection was closed');
    return answer;
  };
  const hexTo = async (...hex: readonly string[]): Promise<string> =>
    (await answerTo(...hex)).toString('hex');

  it('finds tagged fields in headers from where an API is flexible, and not before', async () => {
    const member = '000167' + '00000001' + '00016d' + 'ffff';
    expect(await hexTo(start(12, 3), member)).toBe(ID + NO_THROTTLE + UNKNOWN_MEMBER_ID);
    const compact = '0267' + '00000001' + '026d' + '00' + NO_TAGS;
    // One byte behind the correlation id: some clients skip just that.
    const flexible = ID + NO_TAGS + NO_THROTTLE + UNKNOWN_MEMBER_ID + NO_TAGS;
    expect(await hexTo(start(12, 4), NO_TAGS, compact)).toBe(flexible);
    const unknownTags = '02' + '07' + '02' + 'aabb' + '8801' + '00';
    expect(await hexTo(start(12, 4), unknownTags, compact)).toBe(flexible);
    // Never flexible.
    const offsets = '000167' + '00000000';
    expect(await hexTo(start(47, 0), offsets)).toBe(
      ID + GROUP_ID_NOT_FOUND + NO_THROTTLE + '00000000',
    );
  });

  it('may put tagged fields behind each element of an array', async () => {
    const element = '00'.repeat(16) + '07' + Buffer.from('orders').toString('hex');
    const tags = '02' + '05' + '03' + 'c0ffee' + 'ffff03' + '01' + '00';
    const topics = '03' + element + tags + element + NO_TAGS;
    const flags = '00' + '00';
    const answer = await answerTo(start(3, 12), NO_TAGS, topics, flags, '01' + '7f' + '01' + 'ee');
    const { response } = decodeResponse(metadataCodec, 12, answer);
    expect(response.topics).toMatchObject([{ name: 'orders' }, { name: 'orders' }]);
  });

  it.each([3, 4])('sees no tagged fields at all in ApiVersions %d', async (version) => {
    const answer = await answerTo(start(18, version), NO_TAGS, SOFTWARE, NO_TAGS);
    expect(answer.subarray(0, 6).toString('hex')).toBe(ID + '0000');
    const count = answer.readUInt8(6) - 1;
    // Key, least and greatest version, and the tagged fields of each; then throttle time and tags.
    expect(answer).toHaveLength(6 + 1 + count * 7 + 4 + 1);
    expect(answer.subarray(-5).toString('hex')).toBe(NO_THROTTLE + NO_TAGS);
    const { response } = decodeResponse(apiVersionsCodec, version, answer);
    expect(response.apiKeys).toHaveLength(count);
  });

  // Version 5 (Kafka 4.4) names cluster and node that the client means; later ones may say
  // anything.
  it.each([
    ['5, as Kafka 4.4 sends it', 5, NO_TAGS + SOFTWARE + '00' + 'ffffffff' + NO_TAGS],
    ['5 of a node', 5, NO_TAGS + SOFTWARE + '0263' + '00000001' + NO_TAGS],
    ['6 with nothing', 6, ''],
    ['the greatest with what is no request', 32_767, 'ffffffffffffffffff'],
    ['one below zero', -1, ''],
  ])(
    'is told the versions in the form of version 0 when it asks in %s',
    async (_, version, rest) => {
      const versions = ID + UNSUPPORTED_VERSION + '00000001' + '0012' + '0000' + '0004';
      expect(await hexTo(start(18, version), rest)).toBe(versions);
      // It goes on with what it was told, on the same connection.
      const answer = await answerTo(start(18, 4), NO_TAGS, SOFTWARE, NO_TAGS);
      expect(answer.readInt16BE(4)).toBe(0);
    },
  );

  it('finds the throttle time where its version has it', async () => {
    // At the end of ApiVersions from 1 and of Produce, at the beginning of most.
    const zero = await answerTo(start(18, 0));
    expect(zero).toHaveLength(6 + 4 + zero.readInt32BE(6) * 6);
    const one = await answerTo(start(18, 1));
    expect(one).toHaveLength(zero.length + 4);
    expect(one.subarray(-4).toString('hex')).toBe(NO_THROTTLE);
    // acks 1, 1 s, no topics.
    const nothing = 'ffff' + '0001' + '000003e8' + '00000000';
    expect(await hexTo(start(0, 7), nothing)).toBe(ID + '00000000' + NO_THROTTLE);
    // Metadata of no topics: from version 3 on the throttle time comes first.
    const none = '00000000';
    expect((await hexTo(start(3, 2), none)).startsWith(ID + '00000001')).toBe(true);
    const third = await hexTo(start(3, 3), none);
    expect(third.startsWith(ID + NO_THROTTLE + '00000001')).toBe(true);
  });
});
