// LZ4's block format: sequences of literals and a match. The frame around blocks is lz4-frame.ts.
import { copyLiterals, copyMatch } from './match-copy';
import { malformed } from './refusal';

/** The largest block that is compressed: positions in it fit the 16 bits of the hash table. */
export const LZ4_BLOCK_BYTES = 64 * 1024;

const MATCH_BYTES_MIN = 4;
/** A length of 15 in its half of the token goes on in the bytes that follow. */
const LENGTH_MASK = 15;
const OFFSET_BYTES = 2;
/** The format: the last match begins this far before the end, and the last five are literals. */
const MATCH_START_MARGIN = 12;
const LITERAL_TAIL_BYTES = 5;
const HASH_BITS = 13;
const HASH_PRIME = 0x9e3779b1;
/** After this many misses, as a power of two, the search takes longer steps. */
const SKIP_SHIFT = 6;

/** By hash of four bytes, where in the block they were seen last. One block at a time uses it. */
let seenAt: Uint16Array | undefined;

/** What a block of that many bytes takes at most. */
export function lz4BlockBound(bytes: number): number {
  return bytes + Math.ceil(bytes / 255) + 16;
}

/**
 * Compresses `source[start..end)`, at most 64 KiB, on its own into `target`, which has
 * `lz4BlockBound` bytes from `to` on.
 *
 * @returns Where the block ends in `target`.
 */
export function packLz4Block(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  to: number,
): number {
  const table = (seenAt ??= new Uint16Array(1 << HASH_BITS)).fill(0);
  const searchEnd = end - MATCH_START_MARGIN;
  const matchEnd = end - LITERAL_TAIL_BYTES;
  let anchor = start;
  let out = to;
  let misses = 1 << SKIP_SHIFT;
  let at = start + 1;
  while (at <= searchEnd) {
    const word = wordAt(source, at);
    const slot = Math.imul(word, HASH_PRIME) >>> (32 - HASH_BITS);
    let match = start + table[slot]!;
    table[slot] = at - start;
    // A slot that was never written says 0, the start of the block, where there are bytes too.
    if (wordAt(source, match) !== word) {
      at += misses++ >>> SKIP_SHIFT;
      continue;
    }
    misses = 1 << SKIP_SHIFT;
    while (at > anchor && match > start && source[at - 1] === source[match - 1]) {
      at--;
      match--;
    }
    const offset = at - match;
    let matched = at + MATCH_BYTES_MIN;
    while (matched < matchEnd && source[matched] === source[matched - offset]) matched++;
    out = writeSequence(source, anchor, at, target, out, matched - at - MATCH_BYTES_MIN);
    target[out++] = offset & 0xff;
    target[out++] = offset >>> 8;
    out = writeLengthRest(target, out, matched - at - MATCH_BYTES_MIN);
    anchor = at = matched;
  }
  return writeSequence(source, anchor, end, target, out, 0);
}

function wordAt(source: Buffer, at: number): number {
  return source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
}

/** Token and literals; the match that the token speaks of comes behind them. */
function writeSequence(
  source: Buffer,
  from: number,
  end: number,
  target: Buffer,
  to: number,
  matchCode: number,
): number {
  const count = end - from;
  target[to] = (Math.min(count, LENGTH_MASK) << 4) | Math.min(matchCode, LENGTH_MASK);
  const out = writeLengthRest(target, to + 1, count);
  copyLiterals(source, from, target, out, count);
  return out + count;
}

function writeLengthRest(target: Buffer, to: number, length: number): number {
  if (length < LENGTH_MASK) return to;
  let out = to;
  let rest = length - LENGTH_MASK;
  for (; rest >= 255; rest -= 255) target[out++] = 255;
  target[out++] = rest;
  return out;
}

/**
 * How many bytes the block unpacks to. Looks at lengths only, so that nothing is allocated for a
 * block that lies.
 *
 * @throws {RecordBatchError} MALFORMED: a sequence does not end within the block.
 */
export function lz4UnpackedBytes(source: Buffer, start: number, end: number): number {
  let total = 0;
  let at = start;
  while (at < end) {
    const token = source[at++]!;
    let literals = token >>> 4;
    if (literals === LENGTH_MASK) {
      let byte: number;
      do {
        if (at >= end) throw malformed('lz4', 'a block ends inside a length');
        literals += byte = source[at++]!;
      } while (byte === 255);
    }
    if (literals > end - at) throw malformed('lz4', 'literals reach past their block');
    at += literals;
    total += literals;
    if (at === end) return total;
    if (end - at < OFFSET_BYTES) throw malformed('lz4', 'a block ends inside an offset');
    at += OFFSET_BYTES;
    let match = token & LENGTH_MASK;
    if (match === LENGTH_MASK) {
      let byte: number;
      do {
        if (at >= end) throw malformed('lz4', 'a block ends inside a length');
        match += byte = source[at++]!;
      } while (byte === 255);
    }
    total += match + MATCH_BYTES_MIN;
  }
  throw malformed('lz4', 'a block ends without literals');
}

/**
 * Unpacks a block whose lengths `lz4UnpackedBytes` has walked; `target` has room for what it said.
 *
 * @param historyStart Where in `target` the bytes begin that matches may repeat.
 * @returns Where in `target` the bytes of the block end.
 * @throws {RecordBatchError} MALFORMED: a match reaches back before `historyStart`.
 */
export function unpackLz4Block(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  to: number,
  historyStart: number,
): number {
  let at = start;
  let out = to;
  while (at < end) {
    const token = source[at++]!;
    let literals = token >>> 4;
    if (literals === LENGTH_MASK) {
      let byte: number;
      do literals += byte = source[at++]!;
      while (byte === 255);
    }
    copyLiterals(source, at, target, out, literals);
    at += literals;
    out += literals;
    if (at === end) break;
    const offset = source[at]! | (source[at + 1]! << 8);
    at += OFFSET_BYTES;
    if (offset === 0 || offset > out - historyStart) {
      throw malformed('lz4', `a match reaches ${offset} bytes back`);
    }
    let match = token & LENGTH_MASK;
    if (match === LENGTH_MASK) {
      let byte: number;
      do match += byte = source[at++]!;
      while (byte === 255);
    }
    match += MATCH_BYTES_MIN;
    copyMatch(target, out, offset, match);
    out += match;
  }
  return out;
}
