// CRC-32C (Castagnoli): the processor's own instruction where the optional package is installed,
// ten times as fast as tables. These take sixteen bytes a step: table n holds the effect of a byte
// that n more bytes follow, so that the sixteen look-ups of a step do not wait for each other.

const POLYNOMIAL = 0x82f63b78;
const STEP_BYTES = 16;

function buildTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    first[byte] = crc;
  }
  const tables = [first];
  for (let n = 1; n < STEP_BYTES; n++) {
    const before = tables[n - 1]!;
    tables.push(before.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!));
  }
  return tables;
}

const TABLES = buildTables();
const T0 = TABLES[0]!;
const T1 = TABLES[1]!;
const T2 = TABLES[2]!;
const T3 = TABLES[3]!;
const T4 = TABLES[4]!;
const T5 = TABLES[5]!;
const T6 = TABLES[6]!;
const T7 = TABLES[7]!;
const T8 = TABLES[8]!;
const T9 = TABLES[9]!;
const T10 = TABLES[10]!;
const T11 = TABLES[11]!;
const T12 = TABLES[12]!;
const T13 = TABLES[13]!;
const T14 = TABLES[14]!;
const T15 = TABLES[15]!;

/** As `crc32c`, by tables. */
export function crc32cByTables(
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
): number {
  let crc = ~seed;
  let at = start;
  for (const last = end - STEP_BYTES; at <= last; at += STEP_BYTES) {
    crc =
      T15[(bytes[at]! ^ crc) & 0xff]! ^
      T14[(bytes[at + 1]! ^ (crc >>> 8)) & 0xff]! ^
      T13[(bytes[at + 2]! ^ (crc >>> 16)) & 0xff]! ^
      T12[bytes[at + 3]! ^ (crc >>> 24)]! ^
      T11[bytes[at + 4]!]! ^
      T10[bytes[at + 5]!]! ^
      T9[bytes[at + 6]!]! ^
      T8[bytes[at + 7]!]! ^
      T7[bytes[at + 8]!]! ^
      T6[bytes[at + 9]!]! ^
      T5[bytes[at + 10]!]! ^
      T4[bytes[at + 11]!]! ^
      T3[bytes[at + 12]!]! ^
      T2[bytes[at + 13]!]! ^
      T1[bytes[at + 14]!]! ^
      T0[bytes[at + 15]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** The CRC-32C of bytes, going on from the checksum of those before them. */
type Crc32c = (bytes: Uint8Array, seed: number) => number;

const byTables: Crc32c = (bytes, seed) => crc32cByTables(bytes, 0, bytes.length, seed);

/** Not where it is required, or bundlers would want to take an addon into a file of text. */
const NATIVE_PACKAGE = '@node-rs/crc32';
/** Below it a call into native code takes longer than the tables. */
const NATIVE_BYTES_MIN = 256;
/** For what is long; found out by the first such bytes, as not every program has them. */
let ofLongBytes: Crc32c | undefined;

function findFastest(): Crc32c {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late on purpose
    return (require(NATIVE_PACKAGE) as { crc32c: Crc32c }).crc32c;
  } catch {
    // Not installed, or not there for this platform: it is optional, the result is the same.
    return byTables;
  }
}

/**
 * The CRC-32C of `bytes` from `start` up to `end`, as an unsigned 32-bit integer.
 *
 * @param seed The checksum of the bytes before these, to go on from it.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  if (end - start < NATIVE_BYTES_MIN) return crc32cByTables(bytes, start, end, seed);
  ofLongBytes ??= findFastest();
  return ofLongBytes(bytes.subarray(start, end), seed);
}
