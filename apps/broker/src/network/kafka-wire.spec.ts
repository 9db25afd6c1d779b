import {
  decodeResponse,
  electLeadersCodec,
  encodeRequest,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
} from '@walrusmq/kafka-protocol';
import { encodeFrame, ProtocolError } from '@walrusmq/protocol';
import { ApiTable } from '../kafka/api-table';
import type { KafkaFailure } from '../kafka/error-codes';
import type { KafkaHandler, KafkaReply } from '../kafka/kafka-handler';
import { KafkaSession } from '../kafka/kafka-session';
import { KafkaFrames } from './kafka-frames';
import { KafkaWire } from './kafka-wire';
import { WireError } from './wire';

const FRAME_BYTES_MAX = 100;
/** Metadata version 0 with the correlation id 7. */
const REQUEST = Buffer.from('0000000800030000' + '00000007', 'hex');
const SHORT = Buffer.from('0000000100', 'hex');
const TOO_LONG = Buffer.from('7fffffff', 'hex');
const NEGATIVE = Buffer.from('ffffffff', 'hex');

/** Fails; its refusal has an error code, for which there is no place before version 1. */
class FailingHandler implements KafkaHandler<ElectLeadersRequest, ElectLeadersResponse> {
  readonly codec = electLeadersCodec;

  /** @throws {ProtocolError} BUSY. */
  handle(): KafkaReply<ElectLeadersResponse> {
    throw new ProtocolError('BUSY', 'not now');
  }

  /** The error alone. */
  refusal(_: unknown, { errorCode }: KafkaFailure): ElectLeadersResponse {
    return { throttleTimeMs: 0, errorCode, replicaElectionResults: [] };
  }
}

/** What is sent for a request that fails, and whether the connection ends. */
function refused(version: number): { readonly reply: Buffer; readonly ends: boolean } {
  const wire = newWire([new FailingHandler()]);
  const origin = { correlationId: 7, clientId: null };
  const frame = encodeRequest(electLeadersCodec, version, origin, { topicPartitions: null });
  const [request] = wire.receive(Buffer.concat(frame));
  if (request === undefined) throw new Error('there is no request');
  try {
    void wire.dispatch(request);
  } catch (error) {
    const { pieces, ends } = wire.refuse(request, error as ProtocolError);
    return { reply: Buffer.concat(pieces), ends };
  }
  throw new Error('it was served');
}

const newWire = (handlers: readonly FailingHandler[] = []): KafkaWire =>
  new KafkaWire(
    new KafkaSession({ host: '127.0.0.1', port: 1 }),
    new ApiTable(handlers),
    new KafkaFrames(FRAME_BYTES_MAX),
    new Map(),
  );

function failure(chunk: Buffer): WireError {
  try {
    newWire().receive(chunk);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('the bytes were taken');
}

describe('KafkaWire', () => {
  it('gives the same requests however the bytes are cut', () => {
    const bytes = Buffer.concat([REQUEST, REQUEST]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const wire = newWire();
      const requests = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((chunk) => [
        ...wire.receive(chunk),
      ]);
      expect(requests.map(({ apiKey, correlationId }) => [apiKey, correlationId])).toEqual([
        [3, 7],
        [3, 7],
      ]);
      expect(wire.bufferedBytes).toBe(0);
    }
  });

  it.each([
    ['a frame without a whole beginning', SHORT],
    ['a length above the limit', TOO_LONG],
    ['a negative length', NEGATIVE],
    ['both in one chunk', Buffer.concat([SHORT, TOO_LONG])],
  ])('ends the connection at %s, and serves what came before', (_, bytes) => {
    const { reason, requestsBefore, lastWords } = failure(Buffer.concat([REQUEST, bytes]));
    expect(reason.code).toBe('INVALID_FRAME');
    expect(requestsBefore).toHaveLength(1);
    expect(lastWords).toBeUndefined();
  });

  it('answers a request that fails with the response of its API', () => {
    const { reply, ends } = refused(1);
    const { correlationId, response } = decodeResponse(electLeadersCodec, 1, reply.subarray(4));
    expect([correlationId, response.errorCode, ends]).toEqual([7, 7, false]);
  });

  it('ends the connection where the version of the request has no place for the error', () => {
    expect(refused(0)).toEqual({ reply: Buffer.alloc(0), ends: true });
  });

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /looks like HTTP, .*--ws-port/],
    ['TLS', Buffer.from('16030100f8010000f40303', 'hex'), /looks like TLS, .*PLAINTEXT/],
    [
      'the msgpack protocol',
      Buffer.concat(encodeFrame('hello', 1, { protocol: [1, 1], client: 'x' })),
      /looks like WalrusMQ's own protocol, .*--port/,
    ],
  ])('says so when it is spoken to in %s', (_, bytes, words) => {
    const { reason, requestsBefore } = failure(bytes);
    expect([reason.code, requestsBefore.length]).toEqual(['INVALID_FRAME', 0]);
    expect(reason.message).toMatch(words);
  });

  it('joins a frame that comes byte after byte', () => {
    const wire = newWire();
    const [prefix, body] = [REQUEST.subarray(0, 4), REQUEST.subarray(4)];
    wire.receive(prefix);
    for (const byte of body.subarray(0, -1)) wire.receive(Buffer.from([byte]));
    const [request] = wire.receive(body.subarray(-1));
    expect(request!.frame).toEqual(body);
  });
});
