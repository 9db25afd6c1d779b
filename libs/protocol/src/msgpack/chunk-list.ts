const SMALL_BYTES = 512;
const GATHER_BYTES = 4096;

/**
 * Pieces of one run of bytes, kept as views of what they came in. Small pieces that follow each
 * other are gathered: a peer that sends byte after byte would otherwise cost a Buffer for each.
 */
export class ChunkList {
  private pieces: Buffer[] = [];
  private gathered: Buffer | undefined;
  private gatheredBytes = 0;
  sizeBytes = 0;

  /** Adds the bytes behind those that are there; they are viewed, or copied where few. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.sizeBytes += bytes.length;
    const last = this.pieces.at(-1);
    if (bytes.length > SMALL_BYTES || last === undefined || this.isLargeView(last)) {
      this.gathered = undefined;
      this.pieces.push(bytes);
    } else this.gather(bytes);
  }

  /** The pieces in their order; the list is empty afterwards. */
  take(): Buffer[] {
    const pieces = this.pieces;
    this.pieces = [];
    this.gathered = undefined;
    this.sizeBytes = 0;
    return pieces;
  }

  private isLargeView(last: Buffer): boolean {
    return this.gathered === undefined && last.length > SMALL_BYTES;
  }

  private gather(bytes: Buffer): void {
    if (this.gathered === undefined || this.gatheredBytes + bytes.length > GATHER_BYTES) {
      this.gathered = Buffer.allocUnsafeSlow(GATHER_BYTES);
      this.gatheredBytes = 0;
      this.pieces.push(this.gathered);
    }
    bytes.copy(this.gathered, this.gatheredBytes);
    this.gatheredBytes += bytes.length;
    this.pieces[this.pieces.length - 1] = this.gathered.subarray(0, this.gatheredBytes);
  }
}
