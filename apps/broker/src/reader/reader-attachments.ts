import { ATTACHMENTS_MAX, ProtocolError, type ReaderHolder } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Cancellation } from '../partition/fetch-waiters';
import { keyOf } from './reader-turns';

/** A connection, as far as readers are concerned. */
export interface ReaderClient extends Cancellation {
  /** What it called itself. */
  readonly client: string | undefined;
  /** HOST:PORT. */
  readonly peer: string;
}

/** One reader on one topic that a connection has, or had before it was taken over. */
interface Attachment {
  readonly key: string;
  readonly topic: TopicDescription;
  readonly reader: string;
  readonly client: ReaderClient;
  readonly sinceMs: number;
  /** Who took it over, in words; undefined while it holds. */
  takenBy: string | undefined;
}

/** What `attach` ended for others. */
export interface Attached {
  readonly topic: TopicDescription;
  readonly reader: string;
}

/**
 * Which connection has which named reader for itself.
 *
 * Place: whatever changes a reader asks `check` first.
 * Life: an attachment ends by `detach`, by another connection that takes it over, by the deletion
 * of the reader, or with the connection. One that was taken over is remembered until its connection
 * attaches again, detaches or ends, so that it cannot go on by mistake.
 * Bounds: ATTACHMENTS_MAX of each connection, those that were taken over included.
 */
export class ReaderAttachments {
  private readonly holders = new Map<string, Attachment>();
  private readonly byClient = new Map<ReaderClient, Map<string, Attachment>>();

  /** @param onEnded Told of each attachment that ended with its connection. */
  constructor(
    private readonly onEnded: (ended: Attached) => void,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /**
   * Attaches a reader on several topics, all or none of them.
   *
   * @returns What was taken from other connections.
   * @throws {ProtocolError} READER_ATTACHED naming the holder, unless `takeOver`; LIMIT_EXCEEDED;
   *   SHUTTING_DOWN when the connection is ending. Nothing changed.
   */
  attach(
    topics: readonly TopicDescription[],
    reader: string,
    client: ReaderClient,
    takeOver: boolean,
  ): readonly Attached[] {
    // Nobody would end what begins now.
    if (client.isCancelled) throw new ProtocolError('SHUTTING_DOWN');
    if (!takeOver) for (const topic of topics) this.checkFree(topic, reader, client);
    const own = this.ownOf(client);
    const more = topics.filter(({ id }) => !own.has(keyOf(id, reader))).length;
    if (own.size + more > ATTACHMENTS_MAX) {
      throw new ProtocolError(
        'LIMIT_EXCEEDED',
        `A connection attaches ${ATTACHMENTS_MAX} readers at most: detach some, or use another.`,
      );
    }
    const taken: Attached[] = [];
    for (const topic of topics) {
      const key = keyOf(topic.id, reader);
      if (this.takeFrom(topic, reader, client)) taken.push({ topic, reader });
      const known = this.holders.get(key);
      if (known !== undefined) continue;
      const sinceMs = this.monotonicMs();
      const attachment = { key, topic, reader, client, sinceMs, takenBy: undefined };
      this.holders.set(key, attachment);
      own.set(key, attachment);
    }
    return taken;
  }

  /** Ends what the connection has under that name; of `topics` only, where they are given. */
  detach(
    reader: string,
    topics: readonly TopicDescription[] | undefined,
    client: ReaderClient,
  ): readonly Attached[] {
    const own = this.byClient.get(client);
    const keys = topics && new Set(topics.map(({ id }) => keyOf(id, reader)));
    const ended: Attached[] = [];
    for (const attachment of own?.values() ?? []) {
      if (attachment.reader !== reader || keys?.has(attachment.key) === false) continue;
      own?.delete(attachment.key);
      if (this.release(attachment)) ended.push(attachment);
    }
    return ended;
  }

  /**
   * Checks that a connection may move the reader.
   * @throws {ProtocolError} READER_TAKEN_OVER when it was taken from it; READER_ATTACHED when
   *   another connection has it.
   */
  check(topic: TopicDescription, reader: string, client: ReaderClient): void {
    const key = keyOf(topic.id, reader);
    const takenBy = this.byClient.get(client)?.get(key)?.takenBy;
    if (takenBy !== undefined) {
      throw new ProtocolError(
        'READER_TAKEN_OVER',
        `Reader '${reader}' of topic '${topic.name}' was taken over by ${takenBy}: ` +
          'attach it again to take it back, or detach it.',
      );
    }
    this.checkFree(topic, reader, client);
  }

  /**
   * Takes the reader from another connection, if one has it; nobody has it then.
   * @returns Whether one had.
   */
  takeFrom(topic: TopicDescription, reader: string, client: ReaderClient): boolean {
    const key = keyOf(topic.id, reader);
    const holder = this.holders.get(key);
    if (holder === undefined || holder.client === client) return false;
    holder.takenBy = nameOf(client);
    this.holders.delete(key);
    return true;
  }

  /** Ends the attachment of a reader that this connection deleted. */
  forget(topic: TopicDescription, reader: string, client: ReaderClient): void {
    const key = keyOf(topic.id, reader);
    const own = this.byClient.get(client)?.get(key);
    if (own === undefined) return;
    this.byClient.get(client)?.delete(key);
    this.release(own);
  }

  /** Who has the reader now. */
  holder(topic: TopicDescription, reader: string): ReaderHolder | null {
    const holder = this.holders.get(keyOf(topic.id, reader));
    if (holder === undefined) return null;
    const { client, peer } = holder.client;
    const attachedMs = Math.max(0, Math.round(this.monotonicMs() - holder.sinceMs));
    return { client: client ?? '', peer, attachedMs };
  }

  private checkFree(topic: TopicDescription, reader: string, client: ReaderClient): void {
    const holder = this.holders.get(keyOf(topic.id, reader));
    if (holder === undefined || holder.client === client) return;
    throw new ProtocolError(
      'READER_ATTACHED',
      `Reader '${reader}' of topic '${topic.name}' is attached to ${nameOf(holder.client)}: ` +
        'detach it there, or take it over.',
    );
  }

  private ownOf(client: ReaderClient): Map<string, Attachment> {
    const known = this.byClient.get(client);
    if (known !== undefined) return known;
    const own = new Map<string, Attachment>();
    this.byClient.set(client, own);
    client.onCancelled(() => this.end(client));
    return own;
  }

  private end(client: ReaderClient): void {
    const own = this.byClient.get(client);
    this.byClient.delete(client);
    for (const attachment of own?.values() ?? []) {
      if (this.release(attachment)) this.onEnded(attachment);
    }
  }

  /** Whether it held until now. */
  private release({ key, takenBy }: Attachment): boolean {
    return takenBy === undefined && this.holders.delete(key);
  }
}

function nameOf({ client, peer }: ReaderClient): string {
  return `'${client ?? ''}' at ${peer}`;
}
