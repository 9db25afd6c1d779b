// Finds the end of a frame's head ([kind, correlationId, fields and the header of the bin) and
// refuses what must not reach the msgpack decoder, byte by byte, in chunks of any size.
import { FrameError } from './frame-error';

/** Maps and arrays inside each other, the message itself included. */
export const HEAD_DEPTH_MAX = 32;
/** Values in a head: an empty map is one byte on the wire but some sixty in memory. */
export const HEAD_VALUES_MAX = 1024 * 1024;
const KIND_BYTES_MAX = 249;
const ROOT = 1;
const FORBIDDEN_KEY_BYTES = '__proto__'.length;

const NO_MESSAGE = 'a message is an array [kind, correlationId, fields] or one with a bin behind';
/** For the most likely stranger, whose requests begin with the upper byte of a small number. */
const KAFKA_HINT = "; if this is Kafka's protocol: that has a port of its own";

const enum Kind {
  Text,
  Bytes,
  Array,
  Map,
  Scalar,
}

// The elements of a message, by their place.
const KIND = 0;
const CORRELATION_ID = 1;
const FIELDS = 2;
const BATCHES = 3;

/**
 * Reads past one head without building anything of it.
 *
 * Life: `start` for each frame, then `scan` with the bytes in order until `isDone`. After a throw
 * only `start` makes it useful again.
 *
 * Invariants:
 *  (1) What it lets pass has no extension types, no 0xC1, only strings as map keys, and is nested
 *      at most HEAD_DEPTH_MAX deep.
 *  (2) A count or a length that exceeds the rest of the frame is refused where it stands.
 *  (3) The verdict does not depend on how the bytes are cut into chunks.
 */
export class HeadScanner {
  isDone = false;
  /** Position behind the fields, counted from the first byte of the body. */
  fieldsEnd = 0;
  /** Length of the bin behind the fields; undefined when there is none. */
  tailBytes: number | undefined;
  /** Positions of map keys long enough to be `__proto__`. */
  suspectKeys: number[] = [];
  /** Values that the head has so far, the message itself included. */
  values = 0;

  private bodyBytes = 0;
  private position = 0;
  private depth = 0;
  private readonly left = new Float64Array(HEAD_DEPTH_MAX + 1);
  private readonly isMap = new Uint8Array(HEAD_DEPTH_MAX + 1);
  private element = KIND;
  private skip = 0;
  private lengthBytes = 0;
  private length = 0;
  private pending: Kind = Kind.Scalar;

  constructor(private readonly headBytesMax: number) {}

  /** Forgets all and expects the body of a frame of this many bytes. */
  start(bodyBytes: number): void {
    this.isDone = false;
    this.fieldsEnd = 0;
    this.tailBytes = undefined;
    this.suspectKeys = [];
    this.bodyBytes = bodyBytes;
    this.position = 0;
    this.values = 0;
    this.depth = 0;
    this.element = KIND;
    this.skip = 0;
    this.lengthBytes = 0;
  }

  /**
   * Reads on from `start` to `end`, or to the end of the head, and returns where it stopped.
   *
   * @throws {FrameError} INVALID_FRAME, or FRAME_TOO_LARGE when the head has too many bytes or
   *   values.
   */
  scan(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.isDone) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, end - at);
        at += step;
        this.position += step;
        this.skip -= step;
        if (this.skip === 0) this.endValue();
        continue;
      }
      const byte = bytes[at++]!;
      this.position++;
      if (this.lengthBytes > 0) {
        this.length = this.length * 256 + byte;
        if (--this.lengthBytes === 0) this.begin(this.pending, this.length);
      } else this.readToken(byte);
    }
    return at;
  }

  private readToken(token: number): void {
    if (++this.values > HEAD_VALUES_MAX || this.position > this.headBytesMax) {
      throw tooLarge(`the fields exceed ${this.headBytesMax} bytes or ${HEAD_VALUES_MAX} values`);
    }
    if (this.depth <= ROOT) this.checkElement(token);
    else if (this.isMap[this.depth] === 1 && this.left[this.depth]! % 2 === 0) checkKey(token);
    if (token <= 0x7f || token >= 0xe0) this.endValue();
    else if (token <= 0x8f) this.begin(Kind.Map, token & 0x0f);
    else if (token <= 0x9f) this.begin(Kind.Array, token & 0x0f);
    else if (token <= 0xbf) this.begin(Kind.Text, token & 0x1f);
    else if (token === 0xc0 || token === 0xc2 || token === 0xc3) this.endValue();
    else if (token >= 0xc4 && token <= 0xc6) this.expectLength(Kind.Bytes, 1 << (token - 0xc4));
    else if (token === 0xca || token === 0xcb) this.begin(Kind.Scalar, token === 0xca ? 4 : 8);
    else if (token >= 0xcc && token <= 0xcf) this.begin(Kind.Scalar, 1 << (token - 0xcc));
    else if (token >= 0xd0 && token <= 0xd3) this.begin(Kind.Scalar, 1 << (token - 0xd0));
    else if (token >= 0xd9 && token <= 0xdb) this.expectLength(Kind.Text, 1 << (token - 0xd9));
    else if (token === 0xdc || token === 0xdd) this.expectLength(Kind.Array, (token - 0xdb) * 2);
    else if (token === 0xde || token === 0xdf) this.expectLength(Kind.Map, (token - 0xdd) * 2);
    else throw invalid(`byte 0x${token.toString(16)} begins no value that is allowed here`);
  }

  /** The message is `[string, unsigned integer, map]` or `[string, unsigned integer, map, bin]`. */
  private checkElement(token: number): void {
    if (this.depth < ROOT) {
      if (token === 0x93 || token === 0x94 || token === 0xdc || token === 0xdd) return;
      throw invalid(NO_MESSAGE + (token === 0 ? KAFKA_HINT : ''));
    }
    if (this.element === KIND && !isText(token)) throw invalid('the kind is no string');
    if (this.element === CORRELATION_ID && !isUnsigned(token)) {
      throw invalid('the correlation id is no unsigned integer');
    }
    const isMap = (token >= 0x80 && token <= 0x8f) || token === 0xde || token === 0xdf;
    if (this.element === FIELDS && !isMap) throw invalid('the fields are no map');
    if (this.element === BATCHES && (token < 0xc4 || token > 0xc6)) {
      throw invalid('what follows the fields is no bin');
    }
  }

  private expectLength(kind: Kind, lengthBytes: number): void {
    this.pending = kind;
    this.lengthBytes = lengthBytes;
    this.length = 0;
  }

  private begin(kind: Kind, length: number): void {
    const rest = this.bodyBytes - this.position;
    if (length * (kind === Kind.Map ? 2 : 1) > rest) {
      throw invalid(`a length of ${length} exceeds the ${rest} bytes left of the frame`);
    }
    if (kind === Kind.Array || kind === Kind.Map) this.open(kind, length);
    else if (this.depth === ROOT && this.element === BATCHES) this.endHead(length);
    else this.skipBytes(kind, length);
  }

  private skipBytes(kind: Kind, length: number): void {
    if (this.position + length > this.headBytesMax) {
      throw tooLarge(`the fields exceed ${this.headBytesMax} bytes`);
    }
    if (this.depth === ROOT && this.element === KIND && length > KIND_BYTES_MAX) {
      throw invalid(`the kind exceeds ${KIND_BYTES_MAX} bytes`);
    }
    const isKey = this.isMap[this.depth] === 1 && this.left[this.depth]! % 2 === 0;
    if (isKey && kind === Kind.Text && length === FORBIDDEN_KEY_BYTES) {
      this.suspectKeys.push(this.position);
    }
    this.skip = length;
    if (length === 0) this.endValue();
  }

  private open(kind: Kind.Array | Kind.Map, length: number): void {
    if (this.depth === 0 && length !== 3 && length !== 4) {
      throw invalid(`a message has 3 or 4 elements, got ${length}`);
    }
    if (this.depth === HEAD_DEPTH_MAX) throw invalid(`values nest over ${HEAD_DEPTH_MAX} deep`);
    this.depth++;
    this.left[this.depth] = kind === Kind.Map ? length * 2 : length;
    this.isMap[this.depth] = kind === Kind.Map ? 1 : 0;
    if (length > 0) return;
    this.depth--;
    this.endValue();
  }

  private endValue(): void {
    this.left[this.depth]!--;
    while (this.depth > ROOT && this.left[this.depth] === 0) {
      this.depth--;
      this.left[this.depth]!--;
    }
    if (this.depth > ROOT) return;
    this.element++;
    if (this.element !== BATCHES) return;
    this.fieldsEnd = this.position;
    if (this.left[ROOT] === 0) this.endHead(undefined);
  }

  private endHead(tailBytes: number | undefined): void {
    const surplus = this.bodyBytes - this.position - (tailBytes ?? 0);
    if (surplus > 0) throw invalid(`${surplus} bytes follow the message inside its frame`);
    this.tailBytes = tailBytes;
    this.isDone = true;
  }
}

function isText(token: number): boolean {
  return (token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb);
}

function isUnsigned(token: number): boolean {
  return token <= 0x7f || (token >= 0xcc && token <= 0xcf);
}

function checkKey(token: number): void {
  if (!isText(token)) throw invalid('a map has a key that is no string');
}

function invalid(message: string): FrameError {
  return new FrameError('INVALID_FRAME', message);
}

function tooLarge(message: string): FrameError {
  return new FrameError('FRAME_TOO_LARGE', message);
}
