import type { IncomingFrame } from '@walrusmq/protocol';
import { ClientSession, type ServedInstance } from '../instance/client-session';
import type { Outcome } from './outcome';

/** The instance that a hello bound its connection to: what the client asks for, it asks there. */
export interface BoundInstance extends ServedInstance {
  readonly key: string;
  /** 32 hex digits. */
  readonly instanceId: string;
  /** The largest batch that topics take which say nothing themselves. */
  readonly batchBytesMax: number;
  /**
   * Starts a request; undefined for an operation that is not one of an instance.
   * @throws {ProtocolError} Whatever the handler says.
   */
  handle(frame: IncomingFrame, session: Session): Outcome | Promise<Outcome> | undefined;
}

/** The instances of the broker, as a hello needs them. */
export interface GreetedInstances {
  /**
   * The instance with this key.
   * @throws {ProtocolError} UNKNOWN_INSTANCE, INSTANCE_FAILED, INSTANCE_BUSY.
   */
  bind(key: string): BoundInstance;
}

/** A client of the msgpack protocol: what it said in its hello, and what it waits for. */
export class Session extends ClientSession<BoundInstance> {
  /** The name the client gave itself, undefined until its hello was accepted. */
  client: string | undefined;
}
