import {
  ProtocolError,
  SUBSCRIBED_PARTITIONS_MAX,
  SUBSCRIPTIONS_MAX,
  type ParsedChangeSubscription,
  type ParsedSubscribe,
} from '@walrusmq/protocol';
import type { EventSource } from '../instance/client-session';
import type { Session } from './session';
import { Subscription, type SubscriptionContext } from './subscription';

/**
 * The subscriptions of one client.
 *
 * Place: made by its first `subscribe`; the session holds it, the connection takes its events.
 * Life: as long as the session; its cancellation ends all subscriptions.
 * Order: subscriptions take turns, one event each.
 */
export class Subscriptions implements EventSource {
  private readonly open = new Map<number, Subscription>();
  /** Those that may have an event, next one first. */
  private readonly awake = new Set<Subscription>();

  private constructor(
    private readonly session: Session,
    private readonly context: SubscriptionContext,
  ) {}

  /** The subscriptions of the session, made when it has none. */
  static of(session: Session, context: SubscriptionContext): Subscriptions {
    if (session.events instanceof Subscriptions) return session.events;
    const made = new Subscriptions(session, context);
    session.events = made;
    session.onCancelled(() => made.close());
    return made;
  }

  /** Bytes of reads that wait for being taken. */
  get loadedBytes(): number {
    let bytes = 0;
    for (const subscription of this.open.values()) bytes += subscription.loadedBytes;
    return bytes;
  }

  /**
   * Begins a subscription that is called `id`.
   *
   * @throws {ProtocolError} INVALID_REQUEST: there is one of this name, there are too many, or they
   *   have too many partitions; SHUTTING_DOWN: the connection is ending. Nothing was changed.
   */
  subscribe(id: number, request: ParsedSubscribe): void {
    const { partitions, topicIds, creditBytes, format } = request;
    // Nobody would end what begins now: the client is leaving, or the broker.
    if (this.session.isCancelled) throw new ProtocolError('SHUTTING_DOWN');
    if (this.open.has(id)) {
      throw new ProtocolError('INVALID_REQUEST', `This connection has a subscription ${id}.`);
    }
    if (this.open.size === SUBSCRIPTIONS_MAX) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        `A connection has ${SUBSCRIPTIONS_MAX} subscriptions at most: add to one of them.`,
      );
    }
    this.checkRoomFor(partitions.length);
    const subscription: Subscription = new Subscription(id, format, creditBytes, this.context, () =>
      this.wake(subscription),
    );
    this.open.set(id, subscription);
    this.context.counters.subscriptionsOpen += 1;
    subscription.add(partitions, topicIds);
  }

  /** Changes a subscription; errors as those of `subscribe`, and no such subscription. */
  change(request: ParsedChangeSubscription): void {
    const { subscription: id, add, topicIds, remove, pause, resume } = request;
    const subscription = this.require(id);
    this.checkRoomFor(add.filter((target) => !subscription.has(target)).length);
    subscription.remove(remove);
    subscription.add(add, topicIds);
    subscription.pause(pause);
    subscription.resume(resume);
  }

  /**
   * Adds to a subscription's credit.
   * @throws {ProtocolError} INVALID_REQUEST: no such subscription, or too much credit.
   */
  grant(id: number, bytes: number): void {
    this.require(id).grant(bytes);
  }

  /**
   * Ends a subscription: its last event was sent.
   * @throws {ProtocolError} INVALID_REQUEST: no such subscription.
   */
  unsubscribe(id: number): void {
    const subscription = this.require(id);
    this.open.delete(id);
    this.end(subscription);
  }

  nextEvent(): readonly Buffer[] | undefined {
    for (const subscription of this.awake) {
      this.awake.delete(subscription);
      const frame = subscription.nextEvent();
      if (frame === undefined) continue;
      this.awake.add(subscription);
      return frame;
    }
    return undefined;
  }

  private close(): void {
    for (const subscription of this.open.values()) this.end(subscription);
    this.open.clear();
  }

  private end(subscription: Subscription): void {
    subscription.close();
    this.awake.delete(subscription);
    this.context.counters.subscriptionsOpen -= 1;
  }

  private wake(subscription: Subscription): void {
    this.awake.add(subscription);
    this.session.onEvents();
  }

  private require(id: number): Subscription {
    const subscription = this.open.get(id);
    if (subscription !== undefined) return subscription;
    throw new ProtocolError('INVALID_REQUEST', `This connection has no subscription ${id}.`);
  }

  private checkRoomFor(count: number): void {
    let known = 0;
    for (const { partitionCount } of this.open.values()) known += partitionCount;
    if (known + count <= SUBSCRIBED_PARTITIONS_MAX) return;
    throw new ProtocolError(
      'INVALID_REQUEST',
      `The subscriptions of a connection have ${SUBSCRIBED_PARTITIONS_MAX} partitions at most, ` +
        'those included whose error event you have not read: read the events first.',
    );
  }
}
