import fc from 'fast-check';
import { FakeBroker } from '../testing/fake-broker';
import { Consumer } from './consumer';
import { DeliveryError, SerialisationError } from './errors';
import { Producer } from './producer';
import { recordDecoding, recordEncoding, type SerialisationName } from './serialisers';

const roundTrip = (value: SerialisationName, given: unknown): unknown => {
  const encoding = recordEncoding({ value });
  const bytes = encoding.value(given);
  return recordDecoding({}).value(bytes, encoding.headers(given) ?? []);
};

describe('a serialisation by name', () => {
  it('gives back what was written, by the content type alone', () => {
    expect(roundTrip('json', 'text')).toBe('text');
    expect(roundTrip('json', { a: [1, null] })).toEqual({ a: [1, null] });
    expect(roundTrip('string', 'grüße')).toBe('grüße');
    expect(roundTrip('raw', Buffer.from([1, 2]))).toEqual(Buffer.from([1, 2]));
    expect(roundTrip('msgpack', { when: [1.5, -3, true, 'x'] })).toEqual({
      when: [1.5, -3, true, 'x'],
    });
    expect(roundTrip('msgpack', Buffer.from([7]))).toEqual(Buffer.from([7]));
    expect(roundTrip('msgpack', 2 ** 40)).toBe(2 ** 40);
    expect(roundTrip('msgpack', 2n ** 62n)).toBe(2n ** 62n);
  });

  it('gives back every JSON value that msgpack wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        // msgpackr reads the key __proto__ under another name, lest it be taken for the prototype.
        const text = JSON.stringify(value);
        fc.pre(value !== null && !text.includes('"__proto__":'));
        // Negative zero is a number that JSON has not, either.
        const plain = JSON.parse(text) as unknown;
        expect(roundTrip('msgpack', plain)).toEqual(plain);
      }),
    );
  });

  it('reads the msgpack of other languages, large numbers too', () => {
    const { value } = recordDecoding({ value: 'msgpack' });
    // {"id": 5_000_000_000} with a 64-bit number, as Python writes it.
    const bytes = Buffer.from('81a26964cf000000012a05f200', 'hex');
    expect(value(bytes, [])).toEqual({ id: 5_000_000_000 });
  });

  it('leaves tombstones and absent keys alone', () => {
    const encoding = recordEncoding({ key: 'msgpack', value: 'msgpack' });
    expect(encoding.value(null)).toBeNull();
    expect(encoding.headers(null)).toBeUndefined();
    expect(recordDecoding({ key: 'msgpack', value: 'json' }).value(null, [])).toBeNull();
    expect(recordDecoding({ key: 'msgpack' }).key(null, [])).toBeNull();
  });

  it.each<[SerialisationName, unknown]>([
    ['string', 7],
    ['raw', { a: 1 }],
    ['json', undefined],
    ['json', 1n],
    ['msgpack', undefined],
    ['msgpack', () => 1],
    ['msgpack', 2n ** 70n],
  ])('%s refuses what it cannot write', (name, given) => {
    expect(() => recordEncoding({ value: name }).value(given)).toThrow(SerialisationError);
  });

  it.each<[SerialisationName, string]>([
    ['json', '7b22'],
    ['msgpack', '82a161'],
    ['msgpack', '0102'],
    ['string', 'ff00'],
  ])('%s refuses bytes that are none of its own', (name, hex) => {
    const { key, value } = recordDecoding({ key: name, value: name });
    expect(() => value(Buffer.from(hex, 'hex'), [])).toThrow(/value cannot be deserialised/);
    expect(() => key(Buffer.from(hex, 'hex'), [])).toThrow(/key cannot be deserialised/);
  });

  it('is refused when there is none of that name, or no function in it', () => {
    const message = /serialisation.value must be one of json, msgpack, string, raw, or an object/;
    expect(() => recordEncoding({ value: 'xml' as never })).toThrow(message);
    expect(() => recordEncoding({ value: 'toString' as never })).toThrow(message);
    expect(() => recordDecoding({ value: { serialise: () => '' } as never })).toThrow(message);
    expect(() => recordEncoding({ value: null as never })).toThrow(message);
  });
});

describe('Producer and Consumer with a serialisation', () => {
  let broker: FakeBroker;

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 1 });
  });

  afterEach(() => broker.stop());

  const dates = {
    contentType: 'application/x-date',
    serialise: (date: Date) => date.toISOString(),
    deserialise: (bytes: Buffer) => new Date(bytes.toString()),
  };

  it("carry the program's own types both ways", async () => {
    const serialisation = { key: 'json', value: dates } as const;
    const producer = new Producer<[string, number], Date>({
      broker: broker.address,
      serialisation,
    });
    await producer.send({ topic: 't', key: ['a', 1], value: new Date(5_000) });
    await producer.send({ topic: 't', key: null, value: null });
    await producer.close();
    const consumer = new Consumer<[string, number], Date>({
      broker: broker.address,
      topics: ['t'],
      serialisation,
    });
    const seen: unknown[] = [];
    for await (const { key, value, headers } of consumer) {
      seen.push([key, value, headers['content-type']?.toString()]);
      if (seen.length === 2) break;
    }
    await consumer.close();
    expect(seen).toEqual([
      [['a', 1], new Date(5_000), 'application/x-date'],
      [null, null, undefined],
    ]);
  });

  it('fail just the record that cannot be written', async () => {
    const producer = new Producer<string, string>({
      broker: broker.address,
      serialisation: { value: 'string' },
    });
    const bad = producer.send({ topic: 't', value: 7 as unknown as string });
    const good = producer.send({ topic: 't', value: 'fine' });
    await expect(bad).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await good;
    await producer.close();
    expect(broker.values('t')).toEqual(['fine']);
  });

  it('send the records of a delivery error again as they were', async () => {
    const producer = new Producer<unknown>({
      broker: broker.address,
      serialisation: { key: 'json', value: 'json' },
    });
    broker.intercept = ({ operation }) =>
      operation === 'produce' ? { error: 'INVALID_REQUEST' } : undefined;
    const failed = await producer
      .send({ topic: 't', key: { id: 1 }, value: 'text' })
      .catch((error: unknown) => error);
    broker.intercept = () => undefined;
    expect(failed).toBeInstanceOf(DeliveryError);
    await producer.sendMany((failed as DeliveryError).records);
    await producer.close();
    const [record] = broker.records('t', 0);
    expect(record?.key?.toString()).toBe('{"id":1}');
    expect(record?.value?.toString()).toBe('"text"');
    expect(record?.headers).toHaveLength(1);
  });

  it('keep headers that repeat, and their order', async () => {
    const producer = new Producer({ broker: broker.address });
    const headers = [
      { key: 'b', value: '1' },
      { key: 'a', value: null },
      { key: 'b', value: Buffer.from('2') },
    ];
    await producer.send({ topic: 't', value: { n: 1 }, headers });
    await producer.close();
    const names = broker.records('t', 0)[0]?.headers.map(({ key, value }) => [key, String(value)]);
    expect(names).toEqual([
      ['b', '1'],
      ['a', 'null'],
      ['b', '2'],
      ['content-type', 'application/json'],
    ]);
  });

  it('refuse raw beside a serialisation', () => {
    const options = { topics: ['t'], raw: true, serialisation: { value: 'json' } } as const;
    expect(() => new Consumer(options)).toThrow(/raw and serialisation exclude each other/);
  });
});
