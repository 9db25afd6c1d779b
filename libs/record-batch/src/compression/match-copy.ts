// What LZ4 and snappy have in common: output is made of bytes of the input and of earlier output.

/** Below this a loop costs less than a call into the runtime. */
const SHORT_COPY_BYTES = 64;

/** Copies literals; source and target do not overlap. */
export function copyLiterals(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  length: number,
): void {
  if (length > SHORT_COPY_BYTES) target.set(source.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i]!;
}

/**
 * Repeats what lies `offset` bytes back. Where `length` is more than `offset`, the bytes just
 * written are repeated too: offset 1 gives a run of one byte.
 *
 * REQUIRES: 1 ≤ `offset` ≤ `to`, and `to + length` within `target`.
 */
export function copyMatch(target: Uint8Array, to: number, offset: number, length: number): void {
  const from = to - offset;
  if (length <= SHORT_COPY_BYTES) {
    for (let i = 0; i < length; i++) target[to + i] = target[from + i]!;
    return;
  }
  // Each round doubles what can be copied without overlap.
  let copied = 0;
  while (copied < length) {
    const step = Math.min(offset + copied, length - copied);
    target.copyWithin(to + copied, from, from + step);
    copied += step;
  }
}
