// Requests of groups that are well-formed frames and make no sense: each is answered, none with
// INTERNAL, and the broker goes on.
import fc from 'fast-check';
import { ServerSideMember, joinFields, ok } from './group-client';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker } from './test-broker';

jest.setTimeout(60_000);

const RUNS = 1_000;

const OPERATIONS = [
  'consumerGroupHeartbeat',
  'joinGroup',
  'syncGroup',
  'heartbeat',
  'leaveGroup',
  'offsetCommit',
  'offsetFetch',
  'offsetDelete',
  'listGroups',
  'describeGroup',
  'deleteGroup',
  'groupPin',
  'groupUnpin',
];

const text = fc.oneof(
  fc.constantFrom('g', 'h', 'm', 'orders', 'classic', 'range', '__proto__', '\u0000', '💥', ' '),
  fc.string({ maxLength: 12 }),
);
const number = fc.oneof(
  fc.constantFrom(-2, -1, 0, 1, 2, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER, 0.5),
  fc.integer(),
);
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const leaf = fc.oneof(text, number, bytes, fc.constant(null), fc.boolean());
const row = fc.array(fc.oneof(text, number, fc.constant(null)), { maxLength: 6 });
const names = ['id', 'partitions', 'member', 'instanceId', 'name', 'metadata', 'assignment'];
const map = fc.dictionary(fc.constantFrom(...names), fc.oneof(leaf, row));
const list = fc.array(fc.oneof(row, map, leaf), { maxLength: 4 });
const fields = fc.record(
  {
    group: text,
    member: text,
    epoch: number,
    generation: number,
    instanceId: text,
    topic: text,
    topics: list,
    pattern: text,
    assignor: text,
    owned: list,
    protocols: fc.oneof(list, fc.constant([{ name: 'range', metadata: Buffer.alloc(3) }])),
    protocolType: text,
    assignments: list,
    members: list,
    offsets: fc.oneof(list, fc.constant([['orders', 0, 1]])),
    partitions: fc.oneof(list, fc.constant([['orders', 0]])),
    after: text,
    limit: number,
    states: list,
    types: list,
    expireMs: number,
  },
  { requiredKeys: [] },
);

describe('requests of groups that make no sense', () => {
  let broker: TestBroker;
  let client: RawClient;
  beforeAll(async () => {
    broker = await TestBroker.start({ groupSessionTimeoutMinMs: 1, groupSessionTimeoutMaxMs: 50 });
    client = await broker.withTopic('orders', 2);
  });
  afterAll(() => broker.stop());

  it('are answered, and leave a broker that serves groups', async () => {
    await new ServerSideMember(client, 'm', { topics: ['orders'] }).beat();
    const request = fc.tuple(fc.constantFrom(...OPERATIONS), fields);
    await fc.assert(
      fc.asyncProperty(request, async ([operation, given]) => {
        // Members that wait for each other do so for a moment only.
        const timeouts = { rebalanceTimeoutMs: 5, sessionTimeoutMs: 20 };
        const reply = await client.request(operation, {
          group: 'g',
          epoch: 0,
          ...timeouts,
          ...given,
        });
        expect([operation, codeOf(reply)]).not.toEqual([operation, 'INTERNAL']);
      }),
      { numRuns: RUNS },
    );
    const offsets = [['orders', 0, 1]];
    await ok(client, 'offsetCommit', { group: 'after all', offsets });
    const other = await broker.greeted();
    const { fields: answer } = await other.request('joinGroup', joinFields({ group: 'last' }));
    expect(answer).toMatchObject({ code: 'INVALID_SESSION_TIMEOUT' });
  });
});
