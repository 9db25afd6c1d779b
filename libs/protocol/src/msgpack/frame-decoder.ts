import { Unpackr } from 'msgpackr';
import { ChunkList } from './chunk-list';
import { FrameError } from './frame-error';
import { HeadScanner } from './head-scanner';
import type { IncomingFrame } from './incoming-frame';

export interface FrameDecoderOptions {
  /** Bytes of a frame without its length prefix. */
  readonly frameBytesMax: number;
  /** Bytes of a frame up to its bin; 16 MiB unless given, never more than `frameBytesMax`. */
  readonly headBytesMax?: number;
}

export const DEFAULT_HEAD_BYTES_MAX = 16 * 1024 * 1024;
const PREFIX_BYTES = 4;
const CORRELATION_ID_MAX = 0xffffffff;
const LENGTH_MAX = 0x7fffffff;
const MESSAGE_START = 1;
/** What a decoded value takes at most, about: an empty map is one byte on the wire. */
export const VALUE_BYTES = 64;

/**
 * Turns the chunks of one connection into frames.
 *
 * Life: `push` for every chunk. After the first error it refuses every chunk with that error.
 *
 * Invariants:
 *  (1) The frames do not depend on how the bytes are cut into chunks.
 *  (2) Memory follows the bytes that came, not the lengths they announce.
 *  (3) Each byte is looked at once; the bin is not looked at and not joined.
 */
export class FrameDecoder {
  private readonly scanner: HeadScanner;
  private readonly unpackr = new Unpackr({
    useRecords: false,
    mapsAsObjects: true,
    int64AsType: 'number',
  });
  private readonly head = new ChunkList();
  private readonly tail = new ChunkList();
  private message: Pick<IncomingFrame, 'kind' | 'correlationId' | 'fields'> | undefined;
  private prefixBytes = 0;
  private bodyBytes = 0;
  private seenBytes = 0;
  private failure: FrameError | undefined;

  private frameBytesMax: number;

  constructor({ frameBytesMax, headBytesMax = DEFAULT_HEAD_BYTES_MAX }: FrameDecoderOptions) {
    this.frameBytesMax = frameBytesMax;
    this.scanner = new HeadScanner(Math.min(headBytesMax, frameBytesMax));
  }

  /** Lets frames be as large, from the next one on; what is before the bin keeps its own limit. */
  takeFramesOf(frameBytesMax: number): void {
    this.frameBytesMax = frameBytesMax;
  }

  /** Bytes of the frame that has begun but is not whole yet. */
  get bufferedBytes(): number {
    return this.prefixBytes + this.seenBytes;
  }

  /** What that takes in memory at most, about; as `heldBytes` of a frame. */
  get heldBytes(): number {
    const values = this.message === undefined ? 0 : this.scanner.values;
    return this.bufferedBytes + values * VALUE_BYTES;
  }

  /**
   * The frames that end in this chunk, in order. Their tails and the byte fields are views of the
   * chunks; whoever pushes must not write to a chunk afterwards.
   *
   * @throws {FrameError} The frames before the bad one are in its `framesBefore`. The decoder has
   *   let go of what it held and throws the same error for every later chunk.
   */
  push(chunk: Buffer): IncomingFrame[] {
    if (this.failure !== undefined) throw this.failure;
    const frames: IncomingFrame[] = [];
    try {
      for (let at = 0; at < chunk.length;) at = this.read(chunk, at, frames);
      return frames;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.fail(error);
      throw new FrameError(error.code, error.message, frames);
    }
  }

  private fail(error: FrameError): void {
    this.failure = error;
    this.head.take();
    this.tail.take();
    this.message = undefined;
    this.prefixBytes = 0;
    this.seenBytes = 0;
  }

  private read(chunk: Buffer, start: number, frames: IncomingFrame[]): number {
    if (this.prefixBytes < PREFIX_BYTES) return this.readPrefix(chunk, start);
    const end = Math.min(chunk.length, start + this.bodyBytes - this.seenBytes);
    let at = start;
    if (this.message === undefined) {
      at = this.scanner.scan(chunk, start, end);
      this.head.push(chunk.subarray(start, at));
      if (this.scanner.isDone) this.message = this.decodeHead();
    }
    if (this.message !== undefined && at < end) {
      this.tail.push(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
      at = end;
    }
    this.seenBytes += at - start;
    if (this.seenBytes === this.bodyBytes) frames.push(this.takeFrame());
    return at;
  }

  private readPrefix(chunk: Buffer, start: number): number {
    let at = start;
    while (this.prefixBytes < PREFIX_BYTES && at < chunk.length) {
      this.bodyBytes = this.bodyBytes * 256 + chunk[at++]!;
      this.prefixBytes++;
    }
    if (this.prefixBytes < PREFIX_BYTES) return at;
    if (this.bodyBytes === 0) throw invalid('a frame has length 0');
    if (this.bodyBytes > LENGTH_MAX) throw invalid('a frame has a negative length');
    if (this.bodyBytes > this.frameBytesMax) {
      throw new FrameError(
        'FRAME_TOO_LARGE',
        `a frame of ${this.bodyBytes} bytes exceeds the limit of ${this.frameBytesMax}` +
          strangerHint(this.bodyBytes),
      );
    }
    this.scanner.start(this.bodyBytes);
    return at;
  }

  private decodeHead(): Pick<IncomingFrame, 'kind' | 'correlationId' | 'fields'> {
    const pieces = this.head.take();
    const head = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    for (const position of this.scanner.suspectKeys) {
      if (head.toString('latin1', position, position + 9) === '__proto__') {
        throw invalid('a map has the key "__proto__"');
      }
    }
    // The array's own header is one byte unless a peer wastes some.
    const start = head[0]! < 0xa0 ? MESSAGE_START : head[0] === 0xdc ? 3 : 5;
    const values = this.unpack(head.subarray(start, this.scanner.fieldsEnd));
    const [kind, correlationId, fields] = values as [string, number, IncomingFrame['fields']];
    if (correlationId > CORRELATION_ID_MAX) {
      throw invalid(`the correlation id ${correlationId} has more than 32 bits`);
    }
    return { kind, correlationId, fields };
  }

  private unpack(message: Buffer): unknown[] {
    try {
      return this.unpackr.unpackMultiple(message) as unknown[];
    } catch (error) {
      throw invalid(`the message is no msgpack: ${(error as Error).message}`);
    }
  }

  private takeFrame(): IncomingFrame {
    const message = this.message;
    if (message === undefined) throw invalid('the frame ends inside its message');
    const tailBytes = this.tail.sizeBytes;
    const frame: IncomingFrame = {
      kind: message.kind,
      correlationId: message.correlationId,
      fields: message.fields,
      tail: this.tail.take(),
      tailBytes,
      sizeBytes: PREFIX_BYTES + this.bodyBytes,
      heldBytes: PREFIX_BYTES + this.bodyBytes + this.scanner.values * VALUE_BYTES,
    };
    this.message = undefined;
    this.prefixBytes = 0;
    this.bodyBytes = 0;
    this.seenBytes = 0;
    return frame;
  }
}

/** What a length says that was not meant as one: the first bytes of HTTP or of TLS. */
function strangerHint(length: number): string {
  const bytes = Buffer.alloc(PREFIX_BYTES);
  bytes.writeUInt32BE(length);
  const name = /^[A-Z]{3}[A-Z ]$/.test(bytes.toString('latin1')) ? 'HTTP' : undefined;
  const stranger = bytes[0] === 0x16 && bytes[1] === 3 ? 'TLS' : name;
  if (stranger === undefined) return '';
  return `; if this is ${stranger}: this port speaks the msgpack protocol, unencrypted`;
}

function invalid(message: string): FrameError {
  return new FrameError('INVALID_FRAME', message);
}
