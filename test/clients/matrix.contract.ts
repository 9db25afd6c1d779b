// Every client reads what every other wrote, and goes on where another one committed.
import { ClientBroker, newName } from './client-broker';
import type {
  ClientDefinition,
  ClientUnderTest,
  Codec,
  RecordToProduce,
} from './client-under-test';
import { WITHIN_MS } from './contract/client-context';
import { allOf, PolledGroup } from './contract/polled-group';
import { awkwardRecords, commonAbilities, sides, type RecordAbilities } from './test-records';

const SUITE_MS = 300_000;
const RECORDS_EACH = 10;

interface Written {
  readonly topic: string;
  readonly records: readonly RecordToProduce[];
}

/** A broker and one started client of each definition. */
class Matrix {
  private readonly clients = new Map<string, ClientUnderTest>();
  private readonly written = new Map<string, Promise<Written>>();
  private startedBroker: ClientBroker | undefined;

  constructor(private readonly definitions: readonly ClientDefinition[]) {}

  get broker(): ClientBroker {
    if (this.startedBroker === undefined) throw new Error('the broker was not started');
    return this.startedBroker;
  }

  async start(): Promise<void> {
    this.startedBroker = await ClientBroker.start();
    for (const definition of this.definitions) {
      this.clients.set(definition.name, await definition.start(this.broker.addresses));
    }
  }

  async stop(): Promise<void> {
    const stops = [...this.clients.values()].map((client) => client.stop());
    // A broker that stays behind would keep the runner.
    await Promise.all(stops).finally(() => this.startedBroker?.stop());
  }

  client({ name }: ClientDefinition): ClientUnderTest {
    const client = this.clients.get(name);
    if (client === undefined) throw new Error(`${name} was not started`);
    return client;
  }

  /** A topic with what a client of these abilities can write; written once. */
  records(writer: ClientDefinition, codec: Codec, abilities: RecordAbilities): Promise<Written> {
    const key = JSON.stringify([writer.name, codec, abilities]);
    const known = this.written.get(key) ?? this.write(writer, codec, abilities);
    this.written.set(key, known);
    return known;
  }

  private async write(
    writer: ClientDefinition,
    codec: Codec,
    abilities: RecordAbilities,
  ): Promise<Written> {
    const topic = await this.broker.newTopic();
    const records = awkwardRecords(abilities);
    const idempotent = writer.capabilities.idempotence !== 'never';
    await this.client(writer).produce({ topic, acks: -1, codec, idempotent, records });
    return { topic, records };
  }
}

export function describeMatrix(definitions: readonly ClientDefinition[]): void {
  jest.setTimeout(SUITE_MS);
  const matrix = new Matrix(definitions);
  beforeAll(() => matrix.start());
  afterAll(() => matrix.stop());

  for (const writer of definitions) {
    describe(`what ${writer.name} wrote`, () => {
      for (const reader of definitions) {
        it(`is read by ${reader.name} as it was`, () => expectSame(matrix, writer, reader));
      }
    });
  }

  const inGroups = definitions.filter(({ capabilities }) => capabilities.assignors.length > 0);
  for (const isOn of inGroups.length < 2 ? [] : [true]) {
    it(`a group goes on where the client before it committed`, async () => {
      expect(await handOver(matrix, inGroups)).toBe(isOn);
    });
  }
  const byRange = inGroups.filter(({ capabilities }) => capabilities.assignors.includes('range'));
  for (const count of byRange.length < 2 ? [] : [byRange.length]) {
    it(`${byRange.map(({ name }) => name).join(', ')} share one group`, async () => {
      expect(await shareGroup(matrix, byRange)).toBe(2 * count);
    });
  }
}

async function expectSame(
  matrix: Matrix,
  writer: ClientDefinition,
  reader: ClientDefinition,
): Promise<void> {
  const abilities = commonAbilities(writer.capabilities, reader.capabilities);
  const canBoth = (codec: Codec): boolean =>
    reader.capabilities.codecs.includes(codec) &&
    (codec !== 'snappy' ||
      reader.capabilities.readsBareSnappyOnly !== true ||
      writer.capabilities.writesBareSnappy === true);
  const codecs = writer.capabilities.codecs.filter(canBoth);
  expect(codecs).toContain('none');
  for (const codec of codecs) {
    const { topic, records } = await matrix.records(writer, codec, abilities);
    const count = records.length;
    const request = { topic, partition: 0, offset: 0, count, withinMs: WITHIN_MS };
    const read = await matrix
      .client(reader)
      .read(request)
      .catch((error: unknown) => {
        throw new Error(`${codec}: ${String(error)}`, { cause: error });
      });
    const { expected, got } = sides(records, read);
    expect({ codec, got }).toEqual({ codec, got: expected });
  }
}

/** Each client in turn reads ten records of one group, commits them and leaves. */
async function handOver(
  matrix: Matrix,
  definitions: readonly ClientDefinition[],
): Promise<boolean> {
  const topic = await matrix.broker.newTopic();
  const group = newName('group');
  const total = definitions.length * RECORDS_EACH;
  await matrix.broker.write(
    topic,
    0,
    Array.from({ length: total }, (_, i) => `value ${i}`),
  );
  for (const [i, definition] of definitions.entries()) {
    const client = matrix.client(definition);
    const [member, polled, from] = [newName('member'), new PolledGroup(client), i * RECORDS_EACH];
    const assignor = classicAssignor(definition);
    await client.join({ member, group, topics: [topic], assignor, instanceId: null });
    const records = polled.recordsOf(member);
    const what = `${definition.name} reads ten records`;
    await polled.until([member], () => records.length >= RECORDS_EACH, what);
    const first = records.slice(0, RECORDS_EACH).map(({ offset }) => offset);
    const expected = Array.from({ length: RECORDS_EACH }, (_, at) => from + at);
    expect({ reader: definition.name, offsets: first }).toEqual({
      reader: definition.name,
      offsets: expected,
    });
    const offsets = [{ topic, partition: 0, offset: from + RECORDS_EACH }];
    await client.commit({ member, offsets });
    await client.leave({ member });
  }
  return true;
}

/** The SDK's own way comes first in its list; what others have too is the classic one. */
function classicAssignor({ name, capabilities: { assignors } }: ClientDefinition): string {
  const found = assignors.find((assignor) => assignor === 'range') ?? assignors[0];
  if (found === undefined) throw new Error(`${name} has no assignor`);
  return found;
}

/**
 * One member of each client in one group, whose leader may be any of them.
 *
 * @returns How many partitions were owned when all had some.
 */
async function shareGroup(
  matrix: Matrix,
  definitions: readonly ClientDefinition[],
): Promise<number> {
  const partitions = 2 * definitions.length;
  const topic = await matrix.broker.newTopic(partitions);
  const group = newName('group');
  const joined = definitions.map((definition) => ({
    client: matrix.client(definition),
    polled: new PolledGroup(matrix.client(definition)),
    member: newName('member'),
  }));
  for (const { client, member } of joined) {
    await client.join({ member, group, topics: [topic], assignor: 'range', instanceId: null });
  }
  let owned: readonly string[] = [];
  const deadline = performance.now() + 2 * WITHIN_MS;
  while (owned.join() !== allOf(topic, partitions).join()) {
    if (performance.now() > deadline) throw new Error(`they never shared: ${owned.join(' ')}`);
    const parts = await Promise.all(
      joined.map(async ({ polled, member }) => {
        await polled.until([member], () => true, 'a round of polls');
        return polled.ownedBy(member);
      }),
    );
    owned = parts.every((part) => part.length > 0) ? parts.flat().sort() : [];
  }
  await leaveInTurn(joined);
  return owned.length;
}

interface JoinedMember {
  readonly client: ClientUnderTest;
  readonly polled: PolledGroup;
  readonly member: string;
}

/**
 * One after another leaves, while those that stay are polled as programs poll theirs. A client may
 * have joined anew because of the one before it, and franz-go leaves no group before such a
 * rebalance is over; that takes the others, and some of them join again only when they are polled.
 */
async function leaveInTurn(joined: readonly JoinedMember[]): Promise<void> {
  for (const [i, { client, member }] of joined.entries()) {
    const staying = joined.slice(i + 1);
    let hasLeft = false;
    const left = client.leave({ member }).finally(() => (hasLeft = true));
    const pollTheOthers = async (): Promise<void> => {
      while (!hasLeft && staying.length > 0) {
        await Promise.all(
          staying.map((each) => each.polled.until([each.member], () => true, 'a round of polls')),
        );
      }
    };
    await Promise.all([left, pollTheOthers()]);
  }
}
