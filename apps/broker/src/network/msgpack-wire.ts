import {
  FrameDecoder,
  FrameError,
  encodeFrame,
  type FrameDecoderOptions,
  type IncomingFrame,
  type ProtocolError,
} from '@walrusmq/protocol';
import { NO_REPLY, type Outcome } from '../msgpack/operation-handler';
import { Session } from '../msgpack/session';
import { requestKindOf } from './request-kinds';
import {
  WireError,
  type RequestKind,
  type Wire,
  type WireProtocol,
  type WireRefusal,
} from './wire';

/** Starts one request; see `OpTable.dispatch`. */
type Dispatch = (frame: IncomingFrame, session: Session) => Outcome | Promise<Outcome>;

/** The msgpack protocol, over TCP and over WebSocket. */
export class MsgpackProtocol implements WireProtocol {
  constructor(
    private readonly limits: FrameDecoderOptions,
    private readonly start: Dispatch,
  ) {}

  open(): MsgpackWire {
    return new MsgpackWire(
      new FrameDecoder({ frameBytesMax: this.limits.frameBytesMax }),
      this.start,
    );
  }

  refusal(error: ProtocolError): readonly Buffer[] {
    return errorFrame(0, error);
  }
}

/** The msgpack protocol as one client speaks it. */
export class MsgpackWire implements Wire<IncomingFrame, Outcome> {
  readonly protocol = 'msgpack';
  readonly tellsThrottle = false;
  readonly session = new Session();

  constructor(
    private readonly decoder: FrameDecoder,
    private readonly start: Dispatch,
  ) {}

  get isGreeted(): boolean {
    return this.session.client !== undefined;
  }

  get bufferedBytes(): number {
    return this.decoder.bufferedBytes;
  }

  get heldBytes(): number {
    return this.decoder.heldBytes;
  }

  receive(chunk: Buffer): readonly IncomingFrame[] {
    try {
      return this.decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw new WireError(error, error.framesBefore, errorFrame(0, error));
    }
  }

  /** What the operation says of it, and the fields where they matter. */
  kindOf(frame: IncomingFrame): RequestKind {
    return requestKindOf(frame);
  }

  nameOf(frame: IncomingFrame): string {
    return frame.kind;
  }

  dispatch(frame: IncomingFrame): Outcome | Promise<Outcome> {
    return this.start(frame, this.session);
  }

  encode(frame: IncomingFrame, outcome: Outcome): readonly Buffer[] {
    if (outcome === NO_REPLY) return [];
    return encodeFrame('ok', frame.correlationId, outcome.fields, outcome.tail);
  }

  /** An error frame; none for a produce with acks 0. */
  refuse({ kind, fields, correlationId }: IncomingFrame, error: ProtocolError): WireRefusal {
    const ends = error.code === 'HELLO_REQUIRED';
    const isSilent = kind === 'produce' && fields['acks'] === 0;
    return { pieces: isSilent ? [] : errorFrame(correlationId, error), ends };
  }
}

function errorFrame(correlationId: number, error: ProtocolError): readonly Buffer[] {
  return encodeFrame('error', correlationId, error.toFields());
}
