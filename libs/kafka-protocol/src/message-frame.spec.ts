import { apiVersionsCodec } from './generated/api-versions';
import { fetchCodec, type FetchResponse } from './generated/fetch';
import { heartbeatCodec } from './generated/heartbeat';
import { metadataCodec } from './generated/metadata';
import { offsetDeleteCodec } from './generated/offset-delete';
import { produceCodec } from './generated/produce';
import { saslHandshakeCodec } from './generated/sasl-handshake';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  readRequestStart,
  requestHeaderVersion,
  responseHeaderVersion,
} from './message-frame';

const HEARTBEAT = { groupId: 'g', generationId: 3, memberId: 'm' };

/** What a peer gets: the chunks as one, without the length. */
function body(chunks: readonly Buffer[]): Buffer {
  const frame = Buffer.concat(chunks);
  expect(frame.readInt32BE()).toBe(frame.length - 4);
  return frame.subarray(4);
}

function refusal(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('frames', () => {
  it.each([
    [heartbeatCodec, 3, 1, 0],
    [heartbeatCodec, 4, 2, 1],
    // The answer to a question about versions has one form for all.
    [apiVersionsCodec, 2, 1, 0],
    [apiVersionsCodec, 3, 2, 0],
    [apiVersionsCodec, 4, 2, 0],
    // Never flexible.
    [saslHandshakeCodec, 1, 1, 0],
    [offsetDeleteCodec, 0, 1, 0],
  ])('have the headers of the version', (codec, version, request, response) => {
    expect(requestHeaderVersion(codec, version)).toBe(request);
    expect(responseHeaderVersion(codec, version)).toBe(response);
  });

  it.each([0, 3, 4])('carry a request, version %i', (version) => {
    const origin = { correlationId: 77, clientId: 'é' };
    const frame = body(encodeRequest(heartbeatCodec, version, origin, HEARTBEAT));
    expect(readRequestStart(frame)).toEqual({
      ...{ apiKey: 12, apiVersion: version, correlationId: 77 },
    });
    const { header, request } = decodeRequest(heartbeatCodec, frame);
    expect(header.clientId).toBe('é');
    expect(request).toEqual({ ...HEARTBEAT, groupInstanceId: null });
  });

  it('write the client id of a flexible request with a length of two bytes', () => {
    const origin = { correlationId: 1, clientId: 'ab' };
    const frame = body(encodeRequest(heartbeatCodec, 4, origin, HEARTBEAT));
    expect(frame.toString('hex').startsWith('000c' + '0004' + '00000001' + '00026162' + '00')).toBe(
      true,
    );
  });

  it('answer ApiVersions 3 without tagged fields in the header', () => {
    const response = { errorCode: 0, apiKeys: [], throttleTimeMs: 0 };
    const frame = body(encodeResponse(apiVersionsCodec, 3, 5, response));
    expect(frame.toString('hex')).toBe('00000005' + '0000' + '01' + '00000000' + '00');
  });

  it('skip tagged fields in the header of a response', () => {
    const frame = Buffer.from(
      '00000009' + '01' + '07' + '01' + 'ff' + '00000000' + '001b' + '00',
      'hex',
    );
    const { correlationId, response } = decodeResponse(heartbeatCodec, 4, frame);
    expect([correlationId, response.errorCode]).toEqual([9, 27]);
  });

  it('ignore bytes behind a message, as Kafka does', () => {
    const origin = { correlationId: 1, clientId: null };
    const frame = body(encodeRequest(heartbeatCodec, 4, origin, HEARTBEAT));
    const { request } = decodeRequest(heartbeatCodec, Buffer.concat([frame, Buffer.alloc(3)]));
    expect(request.memberId).toBe('m');
  });

  it('refuse versions and APIs without a codec before they look at the body', () => {
    const produce = Buffer.from('0000' + '0002' + '00000001' + 'ffff', 'hex');
    const code = (run: () => unknown): unknown => (refusal(run) as { code: string }).code;
    expect(code(() => decodeRequest(produceCodec, produce))).toBe('UNSUPPORTED_VERSION');
    expect(code(() => decodeRequest(metadataCodec, produce))).toBe('UNSUPPORTED_VERSION');
    const negative = Buffer.from('0003' + 'ffff' + '00000001' + 'ffff', 'hex');
    expect(code(() => decodeRequest(metadataCodec, negative))).toBe('UNSUPPORTED_VERSION');
    expect(
      code(() => encodeResponse(heartbeatCodec, 5, 1, { throttleTimeMs: 0, errorCode: 0 })),
    ).toBe('UNSUPPORTED_VERSION');
  });

  it('refuse a request that is shorter than its start', () => {
    expect(refusal(() => readRequestStart(Buffer.alloc(7)))).toMatchObject({ code: 'TRUNCATED' });
  });
});

describe('the chunks of a fetch response', () => {
  function partition(
    partitionIndex: number,
    records: readonly Buffer[],
  ): FetchResponse.PartitionData {
    return {
      ...{ partitionIndex, errorCode: 0, highWatermark: 10, abortedTransactions: null, records },
    };
  }

  it.each([4, 11, 12, 16])('have the record buffers themselves in them, version %i', (version) => {
    const large = [Buffer.alloc(100_000, 1), Buffer.alloc(60_000, 2)];
    const response: FetchResponse = {
      throttleTimeMs: 0,
      responses: [
        { topicId: '00000000-0000-4000-8000-000000000001', partitions: [partition(0, large)] },
        { partitions: [partition(1, []), partition(2, [Buffer.alloc(30_000, 3)])] },
      ],
    };
    const chunks = encodeResponse(fetchCodec, version, 1, response);
    expect(large.every((one) => chunks.includes(one))).toBe(true);
    const decoded = decodeResponse(fetchCodec, version, body(chunks)).response;
    const records = decoded.responses.flatMap(({ partitions }) => partitions.map((p) => p.records));
    expect(records).toEqual([[Buffer.concat(large)], [], [Buffer.alloc(30_000, 3)]]);
  });
});

describe('the records of a produce request', () => {
  it('are slices of the frame', () => {
    const records = Buffer.alloc(2000, 5);
    const request = {
      ...{ acks: -1, timeoutMs: 1000 },
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    };
    const origin = { correlationId: 1, clientId: null };
    const frame = body(encodeRequest(produceCodec, 9, origin, request));
    const decoded = decodeRequest(produceCodec, frame).request;
    const slice = decoded.topicData[0]!.partitionData[0]!.records!;
    expect(slice).toEqual(records);
    expect(slice.buffer).toBe(frame.buffer);
  });
});

describe('a field that a version does not have', () => {
  const base = { maxWaitMs: 0, minBytes: 0, isolationLevel: 0, topics: [] };
  const encode = (version: number, extra: object): unknown =>
    refusal(() => {
      const origin = { correlationId: 1, clientId: null };
      return encodeRequest(fetchCodec, version, origin, { ...base, ...extra });
    });

  it('is refused when dropping it would change what is asked', () => {
    const forgottenTopicsData = [{ partitions: [1] }];
    expect(encode(6, { forgottenTopicsData })).toMatchObject({
      code: 'UNENCODABLE',
      message: 'FetchRequest version 6 has no field forgottenTopicsData; leave it out',
    });
    expect(encode(7, { forgottenTopicsData })).toBeInstanceOf(Array);
  });

  it('is dropped when it may be', () => {
    expect(encode(10, { rackId: 'a' })).toEqual(encode(10, {}));
    expect(encode(11, { rackId: 'a' })).not.toEqual(encode(11, {}));
  });

  it('is refused as null in a version that does not allow null', () => {
    const run = (version: number): unknown =>
      refusal(() =>
        encodeRequest(
          metadataCodec,
          version,
          { correlationId: 1, clientId: null },
          {
            topics: null,
          },
        ),
      );
    expect(run(0)).toMatchObject({ code: 'UNENCODABLE' });
    expect(run(1)).toBeInstanceOf(Array);
  });
});
