import { checkTopicName } from '@walrusmq/protocol';
import { Admin } from '../admin';
import type { ConsumerRecord } from '../consumer-record';
import { asError, BrokerError, DeliveryError, InvalidOptionError } from '../errors';
import type { GroupSettings } from '../group/group-options';
import { connectionOptions, connectionSettings, type ConnectionSettings } from '../options';
import { Producer } from '../producer';
import type { ProducerHeader, RecordReceipt } from '../record';
import { deadLetterHeaders } from './dead-letter-headers';
import { checkNotDeadHere, checkNotReadAgain } from './dead-letter-loop';
import type { FinalFailure } from './failure-policy';
import type { DeadLetterOptions } from './processing-options';

/** What is put behind a topic's name for that of its dead letters. */
export const DEAD_LETTER_SUFFIX = '.dead-letters';

const KNOWN_TOPICS_MAX = 1_000;
/** As long as the producer tries by default: a broker that is started again is waited for. */
const RETRY_TIMEOUT_MS = 120_000;

/** What a sender is built with. */
export interface DeadLetterSenderOptions<K, V> {
  readonly deadLetters: DeadLetterOptions<K, V>;
  /** Of the consumer. */
  readonly connection: ConnectionSettings;
  readonly reader: string | undefined;
  readonly group: GroupSettings | undefined;
}

/**
 * Sends records to their dead-letter topics.
 *
 * Life: connects when the first record dies; `close` ends it.
 */
export class DeadLetterSender<K, V> {
  private readonly producer: Producer;
  private readonly admin: Admin;
  /** Partitions of the topics that are known to exist, the one known longest first. */
  private readonly partitionCounts = new Map<string, number>();
  /** The topic that `checkOrigin` let pass last. */
  private checked: string | undefined;

  /** @throws {InvalidOptionError} Options of the producer that can never work. */
  constructor(private readonly options: DeadLetterSenderOptions<K, V>) {
    const connection = connectionOptions(options.connection);
    const producer = { ...connection, ...options.deadLetters.producer };
    const admin = connectionOptions(connectionSettings(producer));
    this.producer = new Producer(producer);
    this.admin = new Admin({ ...admin, retryTimeoutMs: RETRY_TIMEOUT_MS });
  }

  /**
   * Whether records of a topic may come to the handler: before the first one of it does, and not
   * only once one dies. Where `deadLetters.topic` is a function it cannot be told before that.
   *
   * @throws {InvalidOptionError} Their dead letters would be read again.
   */
  checkOrigin(origin: string): void {
    if (origin === this.checked) return;
    const { deadLetters, group } = this.options;
    if (deadLetters.topic === undefined && group !== undefined) {
      checkNotReadAgain(`${origin}${DEAD_LETTER_SUFFIX}`, `"${origin}"`, group);
    }
    this.checked = origin;
  }

  /**
   * Sends a record; key, value and headers are the same bytes, and the headers of the failure come
   * behind them. It is durable when this resolves.
   *
   * @throws {InvalidOptionError} The topic that the options gave cannot be one, is its own, or is
   *   one that the consumer reads, as it did where the record died before.
   * @throws {BrokerError} The topic cannot be created or found.
   * @throws {DeliveryError} It was not acknowledged.
   */
  async send(record: ConsumerRecord<K, V>, failure: FinalFailure): Promise<void> {
    const topic = this.topicOf(record);
    let receipt: RecordReceipt;
    try {
      receipt = await this.deliver(topic, record, failure);
    } catch (error) {
      if (!(error instanceof DeliveryError && error.code === 'UNKNOWN_TOPIC')) throw error;
      // It was deleted since the last one.
      this.partitionCounts.delete(topic);
      receipt = await this.deliver(topic, record, failure);
    }
    this.options.deadLetters.onDeadLetter?.(record, failure.error, receipt);
  }

  /**
   * Sends what is under way and disconnects.
   *
   * @param timeoutMs What is not acknowledged by then may have been sent or not.
   */
  async close(timeoutMs: number): Promise<void> {
    await this.admin.close();
    await this.producer.close({ timeoutMs });
  }

  private topicOf(record: ConsumerRecord<K, V>): string {
    const { topic = `${record.topic}${DEAD_LETTER_SUFFIX}` } = this.options.deadLetters;
    const name = typeof topic === 'string' ? topic : topic(record);
    checkDeadLetterTopic(name, record.topic);
    const { group } = this.options;
    if (group !== undefined) {
      checkNotReadAgain(name, `"${record.topic}"`, group);
      checkNotDeadHere(record, group);
    }
    return name;
  }

  private async deliver(
    topic: string,
    record: ConsumerRecord<K, V>,
    failure: FinalFailure,
  ): Promise<RecordReceipt> {
    const partitionCount = await this.partitionCount(topic, record.topic);
    const send = (withStack: boolean): Promise<RecordReceipt> =>
      this.producer.send({
        topic,
        key: record.keyBytes,
        value: record.valueBytes,
        headers: this.headersOf(record, failure, withStack),
        // In its own partition a key's dead letters are in the order in which they died.
        partition: record.partition < partitionCount ? record.partition : undefined,
      });
    try {
      return await send(true);
    } catch (error) {
      if (!(error instanceof DeliveryError && error.code === 'RECORD_TOO_LARGE')) throw error;
      return await send(false);
    }
  }

  private headersOf(
    record: ConsumerRecord<K, V>,
    failure: FinalFailure,
    withStack: boolean,
  ): readonly ProducerHeader[] {
    const { reader, group } = this.options;
    const names = { reader, group: group?.group };
    return [...record.headerList, ...deadLetterHeaders(record, failure, names, withStack)];
  }

  private async partitionCount(topic: string, origin: string): Promise<number> {
    const known = this.partitionCounts.get(topic);
    if (known !== undefined) return known;
    const count = await this.ensureTopic(topic, origin);
    const [oldest] = this.partitionCounts.keys();
    const isFull = this.partitionCounts.size >= KNOWN_TOPICS_MAX;
    if (isFull && oldest !== undefined) this.partitionCounts.delete(oldest);
    this.partitionCounts.set(topic, count);
    return count;
  }

  private async ensureTopic(topic: string, origin: string): Promise<number> {
    const { create = true, configs } = this.options.deadLetters;
    try {
      const [found] = await this.admin.describeTopics([topic]);
      return found?.partitions.length ?? 1;
    } catch (error) {
      if (!(error instanceof BrokerError && error.code === 'UNKNOWN_TOPIC' && create)) throw error;
    }
    const [from] = await this.admin.describeTopics([origin]);
    const partitions = from?.partitions.length ?? 1;
    const made = await this.admin.createTopic(topic, { partitions, configs, ifNotExists: true });
    return made.partitions;
  }
}

/**
 * Whether records of `origin` can die into this topic.
 *
 * @throws {InvalidOptionError} They cannot.
 */
export function checkDeadLetterTopic(name: string, origin: string): void {
  try {
    checkTopicName(name);
  } catch (error) {
    const { message } = asError(error);
    throw new InvalidOptionError(
      `"${name}" cannot be the dead-letter topic of "${origin}": ${message}; give another one as ` +
        'deadLetters.topic',
    );
  }
  if (name !== origin) return;
  throw new InvalidOptionError(
    `the dead letters of "${origin}" must go to another topic: there they would be read again`,
  );
}
