import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import { encodeFrame } from './encode-frame';
import { FrameDecoder } from './frame-decoder';
import { FrameError } from './frame-error';
import type { IncomingFrame } from './incoming-frame';

const MAX = 1024 * 1024;

interface PlainFrame {
  readonly kind: string;
  readonly correlationId: number;
  readonly fields: Record<string, unknown>;
  readonly tail: string | undefined;
}

const leaf = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const name = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((key) => key !== '__proto__');
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 20 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 20, noNullPrototype: true }),
  ),
}));
const frame = fc.record({
  kind: fc.oneof(fc.constantFrom('ok', 'error', 'deliver', 'produce'), fc.string()),
  correlationId: fc.integer({ min: 0, max: 0xffffffff }),
  fields: fc.dictionary(name, tree, { maxKeys: 20, noNullPrototype: true }),
  tail: fc.option(fc.array(fc.uint8Array({ maxLength: 2000 })), { nil: undefined }),
});

function encode(one: typeof frame extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const tail = one.tail?.map((piece) => Buffer.from(piece));
  return Buffer.concat(encodeFrame(one.kind, one.correlationId, one.fields, tail));
}

function plain({ kind, correlationId, fields, tail }: IncomingFrame): PlainFrame {
  const bytes = tail.length === 0 ? undefined : Buffer.concat(tail).toString('hex');
  return { kind, correlationId, fields, tail: bytes };
}

function pushAll(decoder: FrameDecoder, stream: Buffer, cuts: readonly number[]): IncomingFrame[] {
  const frames: IncomingFrame[] = [];
  let start = 0;
  for (const cut of [...cuts, stream.length].sort((a, b) => a - b)) {
    if (cut > stream.length) break;
    frames.push(...decoder.push(Buffer.from(stream.subarray(start, cut))));
    start = cut;
  }
  return frames;
}

describe('FrameDecoder', () => {
  it('gives back what encodeFrame wrote, however the bytes are cut', () => {
    const frames = fc.array(frame, { minLength: 1, maxLength: 4 });
    const cuts = fc.array(fc.nat(3000), { maxLength: 12 });
    fc.assert(
      fc.property(frames, cuts, (sent, at) => {
        const stream = Buffer.concat(sent.map(encode));
        const decoder = new FrameDecoder({ frameBytesMax: MAX });
        const received = pushAll(decoder, stream, at);
        const expected = sent.map((one) => {
          const hex = Buffer.concat(one.tail ?? []).toString('hex');
          return { ...one, tail: hex === '' ? undefined : hex };
        });
        // Jest compares byte by byte, which takes minutes here.
        expect(isDeepStrictEqual(received.map(plain), expected)).toBe(true);
        expect(received.reduce((sum, one) => sum + one.sizeBytes, 0)).toBe(stream.length);
        expect(decoder.bufferedBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('reads byte after byte', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        const stream = encode(sent);
        const decoder = new FrameDecoder({ frameBytesMax: MAX });
        const last = stream.length - 1;
        let early = 0;
        for (let at = 0; at < last; at++) early += decoder.push(stream.subarray(at, at + 1)).length;
        expect([early, decoder.bufferedBytes]).toEqual([0, last]);
        const whole = new FrameDecoder({ frameBytesMax: MAX }).push(stream).map(plain);
        const slowly = decoder.push(stream.subarray(last)).map(plain);
        expect(isDeepStrictEqual(slowly, whole)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('reads what an independent encoder wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(70_000), (id, length) => {
        const body = pack(['produce', id, { topic: 'orders', partition: 3 }, Buffer.alloc(length)]);
        const prefix = Buffer.alloc(4);
        prefix.writeUInt32BE(body.length);
        const [received] = new FrameDecoder({ frameBytesMax: MAX }).push(
          Buffer.concat([prefix, body]),
        );
        expect(received).toMatchObject({
          kind: 'produce',
          correlationId: id,
          fields: { topic: 'orders', partition: 3 },
          tailBytes: length,
          sizeBytes: body.length + 4,
        });
      }),
    );
  });

  it('keeps the tail as views of the chunks', () => {
    const stream = Buffer.concat(encodeFrame('produce', 1, {}, [Buffer.alloc(5000, 'x')]));
    const first = Buffer.from(stream.subarray(0, 2000));
    const second = Buffer.from(stream.subarray(2000));
    const decoder = new FrameDecoder({ frameBytesMax: MAX });
    decoder.push(first);
    const [received] = decoder.push(second);
    expect(received!.tail.map((piece) => piece.buffer)).toEqual([first.buffer, second.buffer]);
    expect(received!.tailBytes).toBe(5000);
  });

  it('tells a missing bin from nothing but by its pieces', () => {
    const decoder = new FrameDecoder({ frameBytesMax: MAX });
    const [none] = decoder.push(Buffer.concat(encodeFrame('ok', 1, {})));
    const [empty] = decoder.push(Buffer.concat(encodeFrame('ok', 1, {}, [])));
    expect([none!.tail, empty!.tail, empty!.tailBytes]).toEqual([[], [], 0]);
    expect(empty!.sizeBytes).toBe(none!.sizeBytes + 2);
  });

  it('takes a frame of exactly the limit and refuses one byte more', () => {
    const limit = 1000;
    const fitting = encodeFrame('p', 1, {}, [Buffer.alloc(limit - 5 - 3)]);
    expect(Buffer.concat(fitting).length).toBe(limit + 4);
    const decoder = new FrameDecoder({ frameBytesMax: limit });
    expect(decoder.push(Buffer.concat(fitting))).toHaveLength(1);
    const tooLong = Buffer.concat(encodeFrame('p', 1, {}, [Buffer.alloc(limit - 5 - 2)]));
    expect(() => decoder.push(tooLong.subarray(0, 4))).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LARGE' }) as Error,
    );
  });

  it('hands over the frames before a bad one, then refuses everything', () => {
    const good = Buffer.concat(encodeFrame('metadata', 7, {}));
    const bad = Buffer.from('00000001c1', 'hex');
    const decoder = new FrameDecoder({ frameBytesMax: MAX });
    const error = failure(() => decoder.push(Buffer.concat([good, bad, good])));
    expect(error.code).toBe('INVALID_FRAME');
    expect(error.framesBefore.map((one) => one.correlationId)).toEqual([7]);
    const again = failure(() => decoder.push(good));
    expect([again.code, again.framesBefore, decoder.bufferedBytes]).toEqual([error.code, [], 0]);
  });

  it('takes time in proportion to the bytes, not to their square', () => {
    const size = 8 * 1024 * 1024;
    const stream = Buffer.concat(encodeFrame('produce', 1, { text: 'y'.repeat(size) }, []));
    const decoder = new FrameDecoder({ frameBytesMax: 2 * size });
    let frames = 0;
    const started = process.cpuUsage();
    for (let at = 0; at < stream.length; at += 100) {
      frames += decoder.push(stream.subarray(at, at + 100)).length;
    }
    // 84,000 chunks; joining at each of them would copy 350 GB.
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
    expect(frames).toBe(1);
  });
});

function failure(run: () => unknown): FrameError {
  try {
    run();
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
