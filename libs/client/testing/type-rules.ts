// What the types of the SDK let through and what they refuse. `npm run types` is the test: a line
// under `@ts-expect-error` that is no error any more fails it.
import {
  Consumer,
  Producer,
  type ConsumerRecord,
  type ProducerRecord,
  type Serialisation,
} from '../src/index';

interface Order {
  readonly total: number;
}

const orders: Serialisation<Order> = {
  contentType: 'application/x-order',
  serialise: ({ total }) => String(total),
  deserialise: (bytes) => ({ total: Number(bytes) }),
};

const used = (...values: readonly unknown[]): Promise<unknown> => Promise.resolve(values);

/** Never called: what is in it has to compile, no more. */
export function compiles(): void {
  const plain = new Producer();
  void plain.send({ topic: 't', key: 'k', value: { anything: 1 } });
  void plain.send({ topic: 't', key: Buffer.from('k'), value: null });
  // @ts-expect-error Without a serialisation a key is text or bytes.
  void plain.send({ topic: 't', key: 7, value: 1 });

  const typed = new Producer<number, Order>({ serialisation: { key: 'json', value: orders } });
  void typed.send({ topic: 't', key: 1, value: { total: 2 } });
  void typed.send({ topic: 't', value: null });
  // @ts-expect-error The key is a number.
  void typed.send({ topic: 't', key: 'one', value: { total: 2 } });
  // @ts-expect-error The value is an order.
  void typed.send({ topic: 't', key: 1, value: { sum: 2 } });
  // @ts-expect-error And in many records, too.
  void typed.sendMany([{ topic: 't', key: 1, value: 'text' }]);
  // @ts-expect-error A serialisation of orders cannot write strings.
  const wrong = new Producer<string, string>({ serialisation: { value: orders } });

  const consumer = new Consumer<string, Order>({
    topics: ['t'],
    serialisation: { key: 'string', value: orders },
  });
  void consumer.run({
    eachRecord: ({ key, value }, { attempt, signal }) => {
      const sum: number = (value?.total ?? 0) + attempt;
      const name: string | null = key;
      // @ts-expect-error The value may be a tombstone.
      const total: number = value.total;
      // @ts-expect-error The key is text, not bytes.
      const bytes: Buffer | null = key;
      return [sum, name, total, bytes, signal.aborted];
    },
    // @ts-expect-error There is order per key and per partition, and no other.
    concurrency: { per: 'topic', max: 2 },
    deadLetters: { topic: (record) => `${record.topic}-${record.value?.total ?? 0}` },
  });

  // What a serialisation reads is what the consumer's records are.
  const inferred = new Consumer({ topics: ['t'], serialisation: { value: orders } });
  void inferred.run({ eachRecord: ({ value }): number | undefined => value?.total });
  // @ts-expect-error Keys are bytes where no serialisation says otherwise.
  void inferred.run({ eachRecord: ({ key }): string | null => key });

  const untyped = new Consumer({ topics: ['t'] });
  void untyped.run({
    // @ts-expect-error Nobody said what the values are.
    eachRecord: ({ value }) => used(value.total),
  });
  const record: ConsumerRecord | undefined = undefined;
  const sent: ProducerRecord<string, Order> = { topic: 't', key: 'k', value: { total: 1 } };
  void used(wrong, record, sent);
}
