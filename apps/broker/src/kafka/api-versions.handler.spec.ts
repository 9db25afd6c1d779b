import {
  addPartitionsToTxnCodec,
  apiVersionsCodec,
  endTxnCodec,
  findApi,
  getTelemetrySubscriptionsCodec,
  produceCodec,
  pushTelemetryCodec,
  txnOffsetCommitCodec,
} from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

const VERSIONS = advertisedVersions(apiVersionsCodec);
/** From here on clients say which software they are (KIP-511). */
const SOFTWARE_VERSION = 3;
const GOOD = 'apache-kafka-java';
/** The last versions before those that go with transaction.version 2 or know topic ids alone. */
const BEFORE_HALVES = [
  [produceCodec.key, 11],
  [addPartitionsToTxnCodec.key, 3],
  [endTxnCodec.key, 4],
  [txnOffsetCommitCodec.key, 4],
] as const;
const TELEMETRY = [getTelemetrySubscriptionsCodec.key, pushTelemetryCodec.key];

describe('ApiVersions', () => {
  let fixture: KafkaFixture;
  beforeAll(async () => {
    fixture = await KafkaFixture.open();
  });
  afterAll(() => fixture.close());

  const ask = (version: number, clientSoftwareName = GOOD, clientSoftwareVersion = '4.3.1') => {
    const software =
      version >= SOFTWARE_VERSION ? { clientSoftwareName, clientSoftwareVersion } : {};
    return fixture.ask(apiVersionsCodec, version, software);
  };

  it.each(VERSIONS)('lists all APIs, ordered by key, in version %d', async (version) => {
    const { errorCode, throttleTimeMs, apiKeys } = await ask(version);
    expect([errorCode, throttleTimeMs]).toEqual([0, 0]);
    const keys = apiKeys.map(({ apiKey }) => apiKey);
    expect(keys).toEqual([...keys].sort((one, other) => one - other));
    expect(keys.length).toBeGreaterThan(30);
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      expect(findApi(apiKey)).toMatchObject({ minVersion, maxVersion });
    }
    expect(apiKeys.find(({ apiKey }) => apiKey === 18)).toEqual({
      ...{ apiKey: 18, minVersion: 0, maxVersion: 4 },
    });
  });

  // With transaction.version 2 clients leave AddPartitionsToTxn out and count on EndTxn 5, and what
  // is listed of telemetry they call.
  it('promises nothing that is there by half', async () => {
    for (const version of VERSIONS) {
      const { supportedFeatures, finalizedFeatures, ...answer } = await ask(version);
      expect([supportedFeatures, finalizedFeatures]).toEqual([[], []]);
      expect([answer.finalizedFeaturesEpoch, answer.zkMigrationReady]).toEqual([-1, false]);
      const newest = new Map(answer.apiKeys.map(({ apiKey, maxVersion }) => [apiKey, maxVersion]));
      for (const [key, most] of BEFORE_HALVES) {
        expect(newest.get(key) ?? 0).toBeLessThanOrEqual(most);
      }
      expect(TELEMETRY.filter((key) => newest.has(key))).toEqual([]);
    }
  });

  it.each(['apache-kafka-java', 'a', '7', 'A-1.b', 'librdkafka', 'a--..b'])(
    'takes a client for what it says it is: %s',
    async (name) => {
      for (const version of VERSIONS.filter((each) => each >= SOFTWARE_VERSION)) {
        expect((await ask(version, name)).errorCode).toBe(0);
        expect((await ask(version, GOOD, name)).errorCode).toBe(0);
      }
    },
  );

  it.each(['', '-a', 'a-', '.a', 'a.', 'a b', 'a_b', 'a/b', 'é', 'a\n'])(
    'answers INVALID_REQUEST, and lists nothing, to a client that calls itself %j',
    async (name) => {
      for (const version of VERSIONS.filter((each) => each >= SOFTWARE_VERSION)) {
        for (const answer of [await ask(version, name), await ask(version, GOOD, name)]) {
          expect(errorName(answer.errorCode)).toBe('INVALID_REQUEST');
          expect(answer.apiKeys).toEqual([]);
        }
      }
    },
  );
});
