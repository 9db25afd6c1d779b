// The payloads of every benchmark and every peer (bench/seed, bench/peers): a ring of 256, 500 to
// 1,024 bytes each, all bytes of payload N being N, so that a reader can verify what it reads.
export const PAYLOAD_COUNT = 256;
const BYTES_MIN = 500;
const SIZES = 525;
const STEP = 197;

/** The size of the payload of a topic's entry `index`, in bytes: 500 to 1,024. */
export function payloadBytes(index: number): number {
  return BYTES_MIN + (((index % PAYLOAD_COUNT) * STEP) % SIZES);
}

/** The ring; entry `index` of a topic has payload `index % PAYLOAD_COUNT`. */
export function makePayloads(): readonly Buffer[] {
  return Array.from({ length: PAYLOAD_COUNT }, (_, index) =>
    Buffer.alloc(payloadBytes(index), index),
  );
}

/** Whether these are the bytes of entry `index`: its size, and its first and last byte. */
export function isPayload(bytes: Uint8Array, index: number): boolean {
  const byte = index % PAYLOAD_COUNT;
  return (
    bytes.length === payloadBytes(index) && bytes[0] === byte && bytes[bytes.length - 1] === byte
  );
}
