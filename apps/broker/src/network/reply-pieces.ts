const SMALL_PIECE_BYTES = 256;

/**
 * The same bytes with runs of small pieces joined, so that the replies of a commit group are one
 * piece: up to a few hundred bytes a copy costs less than one more piece for the kernel to gather.
 */
export function joinSmallPieces(pieces: readonly Buffer[]): readonly Buffer[] {
  if (!hasSmallNeighbours(pieces)) return pieces;
  const joined: Buffer[] = [];
  let start = 0;
  while (start < pieces.length) {
    const end = endOfRun(pieces, start);
    if (end - start > 1) joined.push(Buffer.concat(pieces.slice(start, end)));
    else joined.push(pieces[start] as Buffer);
    start = end;
  }
  return joined;
}

function isSmall(piece: Buffer | undefined): boolean {
  return piece !== undefined && piece.length <= SMALL_PIECE_BYTES;
}

function hasSmallNeighbours(pieces: readonly Buffer[]): boolean {
  for (let at = 1; at < pieces.length; at += 1) {
    if (isSmall(pieces[at - 1]) && isSmall(pieces[at])) return true;
  }
  return false;
}

/** Where the run of small pieces that begins at `start` ends; behind the piece, for a large one. */
function endOfRun(pieces: readonly Buffer[], start: number): number {
  let end = start + 1;
  if (isSmall(pieces[start])) while (isSmall(pieces[end])) end += 1;
  return end;
}
