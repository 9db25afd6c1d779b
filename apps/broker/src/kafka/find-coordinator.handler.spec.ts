import { findCoordinatorCodec } from '@walrusmq/kafka-protocol';
import { ADVERTISED, KafkaGroupFixture } from '../../test/kafka-group-fixture';
import { code } from '../../test/kafka-members';
import { NODE_ID } from './kafka-services';

describe('FindCoordinator', () => {
  let fixture: KafkaGroupFixture;
  beforeAll(async () => {
    fixture = await KafkaGroupFixture.open();
  });
  afterAll(() => fixture.close());

  const HERE = { nodeId: NODE_ID, ...ADVERTISED };

  it('names the broker at the address of its metadata, in every version', async () => {
    for (let version = 0; version <= 3; version += 1) {
      const found = await fixture.client().request(findCoordinatorCodec, version, { key: 'g' });
      expect(found).toMatchObject({ ...HERE, errorCode: 0 });
    }
  });

  it.each([4, 5, 6])('answers many keys at once in version %i, in their order', async (version) => {
    const keyType = 0;
    const coordinatorKeys = ['b', 'a', ''];
    const request = { keyType, coordinatorKeys };
    const { coordinators } = await fixture.client().request(findCoordinatorCodec, version, request);
    expect(coordinators).toMatchObject(
      coordinatorKeys.map((key) => ({ key, ...HERE, errorCode: 0 })),
    );
  });

  it.each([1, 2, 3])('is found for a transactional id in version %i', async (version) => {
    const request = { key: 't', keyType: 1 };
    const found = await fixture.client().request(findCoordinatorCodec, version, request);
    expect(found).toMatchObject({ ...HERE, errorCode: 0 });
  });

  it.each([4, 5, 6])('is found for transactional ids in version %i', async (version) => {
    const request = { keyType: 1, coordinatorKeys: ['t', 'u'] };
    const { coordinators } = await fixture.client().request(findCoordinatorCodec, version, request);
    expect(coordinators).toMatchObject([
      { key: 't', ...HERE, errorCode: 0 },
      { key: 'u', ...HERE, errorCode: 0 },
    ]);
  });

  it('has none of share groups', async () => {
    const request = { keyType: 2, coordinatorKeys: ['g:t:0'] };
    const { coordinators } = await fixture.client().request(findCoordinatorCodec, 6, request);
    const errorCode = code('INVALID_REQUEST');
    expect(coordinators).toMatchObject([
      { key: 'g:t:0', errorCode, nodeId: -1, host: '', port: -1 },
    ]);
  });
});
