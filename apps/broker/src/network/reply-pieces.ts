const SMALL_PIECE_BYTES = 256;

/**
 * The same bytes with runs of small pieces joined, so that the replies of a commit group are one
 * piece: up to a few hundred bytes a copy costs less than one more piece for the kernel to gather.
 */
export function joinSmallPieces(pieces: readonly Buffer[]): readonly Buffer[] {
  if (pieces.length < 2) return pieces;
  const joined: Buffer[] = [];
  let start = 0;
  const flushRun = (end: number): void => {
    const run = pieces.slice(start, end);
    if (run.length > 1) joined.push(Buffer.concat(run));
    else joined.push(...run);
  };
  for (const [at, piece] of pieces.entries()) {
    if (piece.length <= SMALL_PIECE_BYTES) continue;
    flushRun(at);
    joined.push(piece);
    start = at + 1;
  }
  flushRun(pieces.length);
  return joined;
}
