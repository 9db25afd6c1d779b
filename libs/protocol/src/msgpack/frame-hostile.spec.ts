// Bytes that nobody honest would send to a FrameDecoder.
import fc from 'fast-check';
import { pack } from 'msgpackr';
import { encodeFrame } from './encode-frame';
import { FrameDecoder } from './frame-decoder';
import { FrameError } from './frame-error';
import { HEAD_DEPTH_MAX, HEAD_VALUES_MAX } from './head-scanner';

const MAX = 4 * 1024 * 1024;

function framed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

/** A message of kind "x" and id 1 whose fields are `{a: <these bytes>}`. */
function withField(hex: string): Buffer {
  return framed(Buffer.from(`93a1780181a161${hex}`, 'hex'));
}

interface Outcome {
  readonly code: string | undefined;
  readonly frames: number;
  readonly sizeBytes: number;
}

function outcome(stream: Buffer, chunkBytes: number, headBytesMax?: number): Outcome {
  const decoder = new FrameDecoder({ frameBytesMax: MAX, ...(headBytesMax && { headBytesMax }) });
  let frames = 0;
  let sizeBytes = 0;
  try {
    for (let at = 0; at < stream.length; at += chunkBytes) {
      for (const one of decoder.push(stream.subarray(at, at + chunkBytes))) {
        frames++;
        sizeBytes += one.sizeBytes;
      }
    }
    return { code: undefined, frames, sizeBytes };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    frames += error.framesBefore.length;
    for (const one of error.framesBefore) sizeBytes += one.sizeBytes;
    return { code: error.code, frames, sizeBytes };
  }
}

function expectRefused(stream: Buffer, code: string, headBytesMax?: number): void {
  for (const chunkBytes of [1, 7, stream.length]) {
    const refused = outcome(stream, chunkBytes, headBytesMax);
    expect(refused).toEqual({ code, frames: 0, sizeBytes: 0 });
  }
}

const nested = (depth: number): Buffer => withField('91'.repeat(depth) + 'c0');

describe('FrameDecoder on hostile bytes', () => {
  it.each([
    ['length 0', Buffer.from('00000000', 'hex')],
    ['a negative length', Buffer.from('ffffffff', 'hex')],
    ['a body that is no array', framed(pack({ a: 1 }))],
    ['a body of two elements', framed(pack(['x', 1]))],
    ['a body of five elements', framed(pack(['x', 1, {}, Buffer.alloc(0), 1]))],
    ['a kind that is a number', framed(pack([1, 1, {}]))],
    ['a kind of 250 bytes', framed(pack(['x'.repeat(250), 1, {}]))],
    ['a correlation id that is a string', framed(pack(['x', '1', {}]))],
    ['a negative correlation id', framed(pack(['x', -1, {}]))],
    ['a correlation id that is a float', framed(pack(['x', 1.5, {}]))],
    ['a correlation id of 33 bits', framed(Buffer.from('93a178cf000000010000000080', 'hex'))],
    ['a correlation id of 64 bits', framed(Buffer.from('93a178cfffffffffffffffff80', 'hex'))],
    ['fields that are an array', framed(pack(['x', 1, []]))],
    ['a tail that is a string', framed(pack(['x', 1, {}, 'tail']))],
    ['bytes behind the message', framed(Buffer.concat([pack(['x', 1, {}]), Buffer.alloc(1)]))],
    ['bytes behind the bin', framed(Buffer.from('94a1780180c40141ff', 'hex'))],
    ['a bin that reaches past the frame', framed(Buffer.from('94a1780180c4ff41', 'hex'))],
    ['a message cut short', framed(pack(['x', 1, { topic: 'orders' }]).subarray(0, -1))],
    ['0xC1', withField('c1')],
    ['an extension', withField('d40000')],
    ['a long extension', withField('c7010000')],
    ['a timestamp extension', withField('d6ff00000000')],
    ['an array of 2^32 - 1', withField('ddffffffff')],
    ['a map of 2^31', withField('df80000000')],
    ['a map of more pairs than bytes', withField('df00000003c0c0c0c0')],
    ['a string of 2^32 - 1', withField('dbffffffff')],
    ['bytes of 2^32 - 1', withField('c6ffffffff')],
    ['an integer as a map key', withField('810101')],
    ['nil as a map key', withField('81c001')],
    ['bytes as a map key', withField('81c4014101')],
    ['a map as a map key', withField('818001')],
    ['an integer as a field name', framed(Buffer.from('93a17801810102', 'hex'))],
    ['the key __proto__', withField('81a95f5f70726f746f5f5f80')],
    ['the field __proto__', framed(Buffer.from('93a1780181d9095f5f70726f746f5f5f80', 'hex'))],
    ['values nested too deep', nested(HEAD_DEPTH_MAX)],
    ['values nested 100,000 deep', nested(100_000)],
  ])('refuses %s, in chunks of any size', (_what, stream) => {
    expectRefused(stream, 'INVALID_FRAME');
  });

  it('nests as deep as it says', () => {
    // The message, its fields and the arrays in them.
    expect(outcome(nested(HEAD_DEPTH_MAX - 2), 5)).toMatchObject({ code: undefined, frames: 1 });
  });

  it('allows __proto__ as a value and leaves prototypes alone', () => {
    const decoder = new FrameDecoder({ frameBytesMax: MAX });
    const fields = { topic: '__proto__', constructor: 'x', partition: 1 };
    const [received] = decoder.push(Buffer.concat(encodeFrame('x', 1, fields)));
    expect(received!.fields).toEqual(fields);
    expect(Object.getPrototypeOf(received!.fields)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).partition).toBeUndefined();
  });

  it('refuses a length above the limit before a byte of the body came', () => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(MAX + 1);
    expectRefused(prefix, 'FRAME_TOO_LARGE');
  });

  it('refuses fields above their limit as soon as they announce it', () => {
    const long = framed(pack(['x', 1, { text: 'y'.repeat(5000) }]));
    expectRefused(long.subarray(0, 20), 'FRAME_TOO_LARGE', 4000);
    const many = framed(pack(['x', 1, { list: new Array(5000).fill(1) }]));
    expectRefused(many, 'FRAME_TOO_LARGE', 4000);
    expect(outcome(framed(pack(['x', 1, {}, Buffer.alloc(5000)])), 99, 4000).frames).toBe(1);
  });

  it('bounds how many values one message has', () => {
    const head = Buffer.from('93a1780181a161dd', 'hex');
    const list = Buffer.alloc(4 + HEAD_VALUES_MAX, 0x80);
    list.writeUInt32BE(HEAD_VALUES_MAX);
    const refused = outcome(framed(Buffer.concat([head, list])), 65_536);
    expect(refused).toMatchObject({ code: 'FRAME_TOO_LARGE', frames: 0 });
  });

  it('does not reserve what a length announces', () => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(MAX);
    const message = Buffer.from('94a1780180c6003ffff6', 'hex');
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 200 }, () => {
      const decoder = new FrameDecoder({ frameBytesMax: MAX });
      decoder.push(Buffer.concat([prefix, message, Buffer.alloc(10)]));
      return decoder;
    });
    expect(decoders.every((decoder) => decoder.bufferedBytes === 24)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024);
  });

  it('survives random bytes the same way in any chunks', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.boolean(), fc.integer({ min: 1, max: 20 }), (random, frame, size) => {
        const stream = frame && random.length > 0 ? framed(random) : random;
        const whole = outcome(stream, Math.max(stream.length, 1));
        expect(outcome(stream, size)).toEqual(whole);
        expect(whole.sizeBytes).toBeLessThanOrEqual(stream.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives mutated frames the same way in any chunks', () => {
    const fields = {
      partitions: [['orders', 3, 5_000_000_000]],
      nested: { list: [null, true, 1.5, -70_000, 'text', Buffer.from('bytes')] },
      format: 'batches',
    };
    const one = Buffer.concat(encodeFrame('fetch', 70_000, fields, [Buffer.alloc(300, 7)]));
    const stream = Buffer.concat([one, one, one]);
    const edit = fc.tuple(fc.nat(one.length * 2), fc.integer({ min: 0, max: 255 }));
    const edits = fc.array(edit, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(edits, fc.integer({ min: 1, max: 40 }), (changes, size) => {
        const changed = Buffer.from(stream);
        for (const [position, byte] of changes) changed[position] = byte;
        const whole = outcome(changed, changed.length);
        expect(outcome(changed, size)).toEqual(whole);
        expect(whole.sizeBytes).toBeLessThanOrEqual(changed.length);
      }),
      { numRuns: 3000 },
    );
  });
});
