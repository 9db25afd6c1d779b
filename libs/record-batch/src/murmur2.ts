// The hash by which Java's default partitioner places a key, so that every client agrees.

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** Murmur2 of the key as a signed 32-bit integer, equal to Kafka's `Utils.murmur2`. */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  const wholeBytes = length & ~3;
  let hash = SEED ^ length;
  for (let position = 0; position < wholeBytes; position += 4) {
    let word =
      key[position]! |
      (key[position + 1]! << 8) |
      (key[position + 2]! << 16) |
      (key[position + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = length - wholeBytes;
  if (rest > 0) {
    if (rest === 3) hash ^= key[wholeBytes + 2]! << 16;
    if (rest >= 2) hash ^= key[wholeBytes + 1]! << 8;
    hash = Math.imul(hash ^ key[wholeBytes]!, MULTIPLIER);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition (0 to `partitionCount` - 1) that Java's default partitioner gives this key. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
