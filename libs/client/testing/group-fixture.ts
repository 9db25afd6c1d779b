// Consumers of one group on a fake broker, for specs.
import { encodeBatch } from '@walrusmq/record-batch';
import { Consumer } from '../src/consumer';
import type { ConsumerOptions } from '../src/consumer-options';
import { FakeBroker, type SeenRequest } from './fake-broker';
import type { FakeGroup } from './fake-groups';

/** Bytes of a batch of records with the values `from` to `to` - 1. */
export function batch(from: number, to: number): Buffer {
  const records = Array.from({ length: to - from }, (_, i) => ({
    value: Buffer.from(`${from + i}`),
  }));
  return encodeBatch(records);
}

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

export class GroupFixture {
  private readonly consumers: Consumer[] = [];

  private constructor(readonly broker: FakeBroker) {}

  /** A broker with these topics; `t` has four partitions of ten records where none are named. */
  static async start(): Promise<GroupFixture> {
    const broker = await FakeBroker.start({ t: 4 });
    for (let partition = 0; partition < 4; partition++) {
      broker.append('t', partition, batch(0, 5));
      broker.append('t', partition, batch(5, 10));
    }
    return new GroupFixture(broker);
  }

  get group(): FakeGroup {
    return this.broker.groups.get('g');
  }

  open(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = new Consumer({
      broker: this.broker.address,
      ...(options.topicPattern === undefined && { topics: ['t'] }),
      group: 'g',
      backoff: { initialMs: 2, maxMs: 10 },
      ...options,
    });
    this.consumers.push(consumer);
    return consumer;
  }

  /** The heartbeats so far, of one member where it is given. */
  heartbeats(member?: string): SeenRequest['fields'][] {
    return this.broker.requests
      .filter(({ operation }) => operation === 'consumerGroupHeartbeat')
      .map(({ fields }) => fields)
      .filter((fields) => member === undefined || fields.member === member);
  }

  /** What a heartbeat says that its member owns; undefined where it says nothing. */
  ownedBy(heartbeat: SeenRequest['fields'] | undefined): string[] | undefined {
    const owned = heartbeat?.owned as
      { readonly topic: string; readonly partitions: readonly number[] }[] | undefined;
    return owned?.flatMap(({ topic, partitions }) => partitions.map((each) => `${topic}/${each}`));
  }

  async stop(): Promise<void> {
    this.broker.intercept = () => undefined;
    await Promise.all(this.consumers.splice(0).map((each) => each.close().catch(() => undefined)));
    await this.broker.stop();
  }
}
