import {
  decodeRequest,
  encodeResponse,
  KafkaCodecError,
  readRequestStart,
  type AnyApiCodec,
  type Decoded,
  type RequestHeader,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import type { AnsweredApi, ApiTable, KafkaInstance } from '../kafka/api-table';
import { refuseVersion } from '../kafka/api-versions.handler';
import { failureOf } from '../kafka/error-codes';
import { NO_RESPONSE, type KafkaCall, type KafkaOutcome } from '../kafka/kafka-handler';
import { KafkaSession } from '../kafka/kafka-session';
import { foreignProtocolOf } from './foreign-protocol';
import { KafkaFrames } from './kafka-frames';
import {
  WireError,
  type ListenerAddress,
  type RequestKind,
  type Wire,
  type WireProtocol,
  type WireRefusal,
  type WireRequest,
} from './wire';

/** What objects that are decoded from a byte of a request take, about, before it is decoded. */
const DECODED_FACTOR = 16;
/** What an element of a list takes, decoded and answered, about. */
const ELEMENT_BYTES = 512;
/** Elements of all lists of a request: twice as many as there are partitions by default. */
export const REQUEST_ELEMENTS_MAX = 100_000;

const PLAIN: RequestKind = { takesRecords: false, carriesRecords: false, carriesPage: false };
const PAGE: RequestKind = { ...PLAIN, carriesPage: true };
const PRODUCE_KEY = 0;
const API_VERSIONS_KEY = 18;
/** How requests of APIs are counted that are not answered. */
const UNKNOWN_API = 'unknown';

/** By API key: Produce, Fetch, and those that may list everything there is. */
const KINDS: ReadonlyMap<number, RequestKind> = new Map([
  [PRODUCE_KEY, { ...PLAIN, takesRecords: true }],
  [1, { ...PLAIN, carriesRecords: true }],
  [3, PAGE],
  [9, PAGE],
  [15, PAGE],
  [16, PAGE],
  [32, PAGE],
  [35, PAGE],
  [61, PAGE],
  [69, PAGE],
  [75, PAGE],
]);

/** A request of a Kafka client, of which only the first eight bytes were looked at. */
export interface KafkaRequest extends WireRequest {
  /** Grows when it is decoded. */
  heldBytes: number;
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly frame: Buffer;
}

/** What a Kafka listener serves, and how. */
export interface KafkaListening {
  readonly frameBytesMax: number;
  /**
   * The instance that it serves.
   * @throws {ProtocolError} UNKNOWN_INSTANCE, INSTANCE_FAILED, INSTANCE_BUSY.
   */
  readonly instance: () => KafkaInstance;
  /** What clients are told to connect to that came by `local`. */
  readonly advertised: (local: ListenerAddress) => ListenerAddress;
  /** Where requests are counted, by the name of their API. */
  readonly requests: Map<string, number>;
}

/** The Kafka protocol for one instance. */
export class KafkaProtocol implements WireProtocol {
  constructor(private readonly listening: KafkaListening) {}

  /** @throws {ProtocolError} As `KafkaListening.instance`. */
  open(local: ListenerAddress): KafkaWire {
    const { frameBytesMax, advertised, instance, requests } = this.listening;
    const served = instance();
    const session = new KafkaSession(advertised(local));
    session.bindTo(served);
    return new KafkaWire(session, served.kafka, new KafkaFrames(frameBytesMax), requests);
  }

  /** The protocol has no words for it: the client sees its connection closed. */
  refusal(): readonly Buffer[] {
    return [];
  }
}

/** The Kafka protocol as one client speaks it. */
export class KafkaWire implements Wire<KafkaRequest, KafkaOutcome<unknown>> {
  readonly protocol = 'kafka';
  readonly tellsThrottle = true;
  /** Whether a whole request has come. */
  isGreeted = false;

  constructor(
    readonly session: KafkaSession,
    private readonly apis: ApiTable,
    private readonly frames: KafkaFrames,
    private readonly requests: Map<string, number>,
  ) {}

  get bufferedBytes(): number {
    return this.frames.bufferedBytes;
  }

  get heldBytes(): number {
    return this.frames.bufferedBytes;
  }

  receive(chunk: Buffer): readonly KafkaRequest[] {
    const frames: Buffer[] = [];
    const requests: KafkaRequest[] = [];
    let failure: ProtocolError | undefined;
    try {
      this.frames.push(chunk, frames);
    } catch (error) {
      failure = badBytes(error);
    }
    try {
      for (const frame of frames) {
        if (!this.isGreeted) refuseForeign(frame);
        requests.push(startOf(frame));
        this.isGreeted = true;
      }
    } catch (error) {
      failure = badBytes(error);
    }
    if (failure !== undefined) throw new WireError(failure, requests, undefined);
    return requests;
  }

  /** By the API alone: what it asks for is not decoded yet. */
  kindOf({ apiKey }: KafkaRequest): RequestKind {
    return KINDS.get(apiKey) ?? PLAIN;
  }

  nameOf({ apiKey }: KafkaRequest): string {
    return this.find(apiKey)?.handler.codec.name ?? `Kafka API ${apiKey}`;
  }

  /**
   * @throws {ProtocolError} (or rejects) INVALID_FRAME, UNSUPPORTED_PROTOCOL: the connection ends;
   *   whatever the handler says.
   */
  dispatch(request: KafkaRequest): KafkaOutcome<unknown> | Promise<KafkaOutcome<unknown>> {
    const { apiKey, version } = request;
    const api = this.find(apiKey);
    this.count(api);
    if (api === undefined || !hasCodec(api, version)) {
      // A client that asks which versions there are gets an answer in any case (KIP-511).
      if (api !== undefined && apiKey === API_VERSIONS_KEY) return refuseVersion(api);
      const name = this.nameOf(request);
      throw new ProtocolError('UNSUPPORTED_PROTOCOL', `${name} version ${version} is not answered`);
    }
    const [body, call] = this.decode(api, request);
    return api.handler.handle(body, call);
  }

  encode(request: KafkaRequest, outcome: KafkaOutcome<unknown>, throttleMs = 0): readonly Buffer[] {
    if (outcome === NO_RESPONSE) return [];
    const api = this.find(request.apiKey);
    if (api === undefined) throw new Error(`an answer to the unknown API ${request.apiKey}`);
    const version = hasCodec(api, request.version) ? request.version : 0;
    // Versions without the field leave it out.
    const response =
      throttleMs === 0
        ? outcome.response
        : { ...(outcome.response as object), throttleTimeMs: throttleMs };
    const { codec } = api.handler;
    return encodeResponse(codec as never, version, request.correlationId, response as never);
  }

  /** The API's own response with the error; where there is none, the connection ends. */
  refuse(request: KafkaRequest, error: ProtocolError, throttleMs = 0): WireRefusal {
    const api = this.find(request.apiKey);
    if (api === undefined || ENDING.includes(error.code)) return HANG_UP;
    try {
      const [body, call] = this.decode(api, request);
      const response = api.handler.refusal(body, failureOf(error), call);
      if (response === undefined) return HANG_UP;
      return { pieces: this.encode(request, { response }, throttleMs), ends: false };
    } catch (thrown) {
      // The version of the request has no place for what is to be said.
      badBytes(thrown);
      return HANG_UP;
    }
  }

  private count(api: AnsweredApi | undefined): void {
    const name = api?.handler.codec.name ?? UNKNOWN_API;
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
  }

  private find(apiKey: number): AnsweredApi | undefined {
    return this.apis.find(apiKey);
  }

  private decode(api: AnsweredApi, asked: KafkaRequest): [body: never, call: KafkaCall] {
    const { frame, version, sizeBytes } = asked;
    try {
      const codec: AnyApiCodec = api.handler.codec;
      const { header, request, elementCount } = decodeRequest(codec as never, frame, LIMITS) as {
        header: Decoded<RequestHeader>;
        request: never;
        elementCount: number;
      };
      asked.heldBytes = Math.max(asked.heldBytes, sizeBytes + elementCount * ELEMENT_BYTES);
      return [request, { version, clientId: header.clientId, session: this.session }];
    } catch (error) {
      throw badBytes(error);
    }
  }
}

const LIMITS = { elementsMax: REQUEST_ELEMENTS_MAX };
const HANG_UP: WireRefusal = { pieces: [], ends: true };

/** After these a client has to come back, or is none. */
const ENDING: readonly string[] = ['INVALID_FRAME', 'UNSUPPORTED_PROTOCOL', 'SHUTTING_DOWN'];

function startOf(frame: Buffer): KafkaRequest {
  const { apiKey, apiVersion: version, correlationId } = readRequestStart(frame);
  const sizeBytes = frame.length + 4;
  const heldBytes = apiKey === PRODUCE_KEY ? sizeBytes : sizeBytes * DECODED_FACTOR;
  return { apiKey, version, correlationId, frame, sizeBytes, heldBytes };
}

/** @throws {KafkaCodecError} MALFORMED. */
function refuseForeign(frame: Buffer): void {
  const foreign = foreignProtocolOf(frame);
  if (foreign !== undefined) throw new KafkaCodecError('MALFORMED', foreign);
}

function hasCodec({ handler: { codec } }: AnsweredApi, version: number): boolean {
  return version >= codec.minVersion && version <= codec.maxVersion;
}

/** @throws What says nothing about the bytes. */
function badBytes(error: unknown): ProtocolError {
  if (!(error instanceof KafkaCodecError)) throw error;
  return new ProtocolError('INVALID_FRAME', `not Kafka's protocol: ${error.message}`);
}
