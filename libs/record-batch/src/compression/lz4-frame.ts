// LZ4 frames (LZ4F): what Kafka's clients put into batches. Ours are as Java's client writes them:
// blocks of 64 KiB that do not depend on each other, since that is all its reader takes.
import type { Codec } from './codec';
import {
  LZ4_BLOCK_BYTES,
  lz4BlockBound,
  lz4UnpackedBytes,
  packLz4Block,
  unpackLz4Block,
} from './lz4-block';
import { malformed, tooLarge } from './refusal';
import { xxhash32 } from './xxhash32';

const MAGIC = 0x184d2204;
const VERSION_BITS = 0xc0;
const VERSION_1 = 0x40;
const INDEPENDENT_BIT = 0x20;
const BLOCK_CHECKSUM_BIT = 0x10;
const CONTENT_SIZE_BIT = 0x08;
const CONTENT_CHECKSUM_BIT = 0x04;
const RESERVED_BIT = 0x02;
const DICTIONARY_BIT = 0x01;
/** Block sizes are 2^(8 + 2 × code), for codes from 4 (64 KiB) to 7 (4 MiB). */
const BLOCK_SIZE_BITS = 0x70;
const BLOCK_SIZE_CODE_MIN = 4;
/** In the length of a block: its bytes are not compressed. */
const STORED_BIT = 0x80000000;
/** Magic, flags, block size and header checksum. */
const HEADER_BYTES_MIN = 7;
const CONTENT_SIZE_BYTES = 8;
const CHECKSUM_BYTES = 4;
const BLOCK_LENGTH_BYTES = 4;

interface FrameHeader {
  /** Where the first block begins. */
  readonly end: number;
  readonly blockBytesMax: number;
  readonly isIndependent: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly contentBytes: number | undefined;
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly isStored: boolean;
}

/**
 * Reads every frame without a dictionary: of any block size, dependent blocks and checksums too.
 */
export const lz4: Codec = { compress, decompress };

function compress(records: Buffer): Buffer {
  const blockCount = Math.ceil(records.length / LZ4_BLOCK_BYTES);
  const bound = blockCount * (BLOCK_LENGTH_BYTES + lz4BlockBound(LZ4_BLOCK_BYTES));
  const rest = records.length - Math.max(blockCount - 1, 0) * LZ4_BLOCK_BYTES;
  const unused = blockCount === 0 ? 0 : LZ4_BLOCK_BYTES - rest;
  const target = Buffer.allocUnsafe(HEADER_BYTES_MIN + bound - unused + BLOCK_LENGTH_BYTES);
  target.writeUInt32LE(MAGIC, 0);
  target[4] = VERSION_1 | INDEPENDENT_BIT;
  target[5] = BLOCK_SIZE_CODE_MIN << 4;
  target[6] = headerChecksum(target, 4, 6);
  let to = HEADER_BYTES_MIN;
  for (let start = 0; start < records.length; start += LZ4_BLOCK_BYTES) {
    const end = Math.min(start + LZ4_BLOCK_BYTES, records.length);
    const data = to + BLOCK_LENGTH_BYTES;
    const packedEnd = packLz4Block(records, start, end, target, data);
    if (packedEnd - data < end - start) {
      target.writeUInt32LE(packedEnd - data, to);
      to = packedEnd;
    } else {
      target.writeUInt32LE(STORED_BIT + end - start, to);
      to = data + records.copy(target, data, start, end);
    }
  }
  target.writeUInt32LE(0, to);
  return target.subarray(0, to + BLOCK_LENGTH_BYTES);
}

function decompress(stored: Buffer, bytesMax: number): Buffer {
  // The lengths say all sizes before anything is allocated; frames may follow one another.
  let total = 0;
  for (let position = 0; position < stored.length;) {
    const header = readHeader(stored, position);
    const start = total;
    position = visitBlocks(stored, header, (block) => {
      total += block.isStored
        ? block.end - block.start
        : boundedBlock(lz4UnpackedBytes(stored, block.start, block.end), header);
      if (total > bytesMax) throw tooLarge(bytesMax);
    });
    if (header.contentBytes !== undefined && header.contentBytes !== total - start) {
      throw malformed('lz4', `a frame of ${total - start} bytes says ${header.contentBytes}`);
    }
  }
  if (stored.length === 0) throw malformed('lz4', 'there is no frame');
  const records = Buffer.allocUnsafe(total);
  let to = 0;
  for (let position = 0; position < stored.length;) {
    const header = readHeader(stored, position);
    const frameStart = to;
    position = visitBlocks(stored, header, ({ start, end, isStored }) => {
      if (isStored) to += stored.copy(records, to, start, end);
      else {
        const historyStart = header.isIndependent ? to : frameStart;
        to = unpackLz4Block(stored, start, end, records, to, historyStart);
      }
    });
    if (header.hasContentChecksum) {
      expectChecksum(stored, position - CHECKSUM_BYTES, xxhash32(records, frameStart, to));
    }
  }
  return records;
}

function boundedBlock(unpackedBytes: number, header: FrameHeader): number {
  if (unpackedBytes <= header.blockBytesMax) return unpackedBytes;
  throw malformed('lz4', `a block of ${unpackedBytes} bytes exceeds its ${header.blockBytesMax}`);
}

function readHeader(stored: Buffer, position: number): FrameHeader {
  need(stored, position, HEADER_BYTES_MIN, 'its header');
  if (stored.readUInt32LE(position) !== MAGIC)
    throw malformed('lz4', 'a frame begins without the magic');
  const flags = stored[position + 4]!;
  const sizes = stored[position + 5]!;
  const sizeCode = sizes >>> 4;
  if ((flags & VERSION_BITS) !== VERSION_1 || (flags & RESERVED_BIT) !== 0) {
    throw malformed('lz4', `a frame has flags 0x${flags.toString(16)}`);
  }
  if ((sizes & ~BLOCK_SIZE_BITS) !== 0 || sizeCode < BLOCK_SIZE_CODE_MIN) {
    throw malformed('lz4', `a frame has block size 0x${sizes.toString(16)}`);
  }
  if ((flags & DICTIONARY_BIT) !== 0) throw malformed('lz4', 'a frame needs a dictionary');
  let checksumAt = position + 6;
  let contentBytes: number | undefined;
  if ((flags & CONTENT_SIZE_BIT) !== 0) {
    need(stored, position, HEADER_BYTES_MIN + CONTENT_SIZE_BYTES, 'its header');
    contentBytes = Number(stored.readBigUInt64LE(checksumAt));
    checksumAt += CONTENT_SIZE_BYTES;
  }
  if (stored[checksumAt] !== headerChecksum(stored, position + 4, checksumAt)) {
    throw malformed('lz4', 'the header of a frame does not match its checksum');
  }
  return {
    end: checksumAt + 1,
    blockBytesMax: 2 ** (8 + 2 * sizeCode),
    isIndependent: (flags & INDEPENDENT_BIT) !== 0,
    hasBlockChecksums: (flags & BLOCK_CHECKSUM_BIT) !== 0,
    hasContentChecksum: (flags & CONTENT_CHECKSUM_BIT) !== 0,
    contentBytes,
  };
}

/** Walks the blocks of a frame. @returns Where the frame ends. */
function visitBlocks(stored: Buffer, header: FrameHeader, visit: (block: Block) => void): number {
  let position = header.end;
  for (;;) {
    need(stored, position, BLOCK_LENGTH_BYTES, 'the length of a block');
    const word = stored.readUInt32LE(position);
    position += BLOCK_LENGTH_BYTES;
    if (word === 0) break;
    const isStored = word >= STORED_BIT;
    const length = isStored ? word - STORED_BIT : word;
    if (length > header.blockBytesMax) {
      throw malformed('lz4', `a block of ${length} bytes exceeds its ${header.blockBytesMax}`);
    }
    const end = position + length;
    const checksumBytes = header.hasBlockChecksums ? CHECKSUM_BYTES : 0;
    need(stored, position, length + checksumBytes, 'a block');
    if (checksumBytes > 0) expectChecksum(stored, end, xxhash32(stored, position, end));
    visit({ start: position, end, isStored });
    position = end + checksumBytes;
  }
  if (!header.hasContentChecksum) return position;
  need(stored, position, CHECKSUM_BYTES, 'its checksum');
  return position + CHECKSUM_BYTES;
}

function headerChecksum(bytes: Buffer, start: number, end: number): number {
  return (xxhash32(bytes, start, end) >>> 8) & 0xff;
}

function expectChecksum(stored: Buffer, position: number, actual: number): void {
  if (stored.readUInt32LE(position) !== actual) throw malformed('lz4', 'a checksum does not match');
}

function need(stored: Buffer, position: number, bytes: number, what: string): void {
  if (bytes > stored.length - position) throw malformed('lz4', `a frame ends inside ${what}`);
}
