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

  it('has none of transactions', async () => {
    const client = fixture.client();
    const errorCode = code('INVALID_REQUEST');
    const old = await client.request(findCoordinatorCodec, 1, { key: 't', keyType: 1 });
    expect(old).toMatchObject({ errorCode, nodeId: -1 });
    const request = { keyType: 1, coordinatorKeys: ['t'] };
    const { coordinators } = await client.request(findCoordinatorCodec, 6, request);
    expect(coordinators).toMatchObject([{ key: 't', errorCode, nodeId: -1, host: '', port: -1 }]);
  });
});
