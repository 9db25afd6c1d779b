// What a codec is; codec-table.ts has them.
import type { Compression } from '../batch-header';

/** A compression that the attributes of a batch can name. */
export interface Codec {
  /**
   * @param level Strength, in the codec's own scale; undefined is the codec's default. Codecs
   *   without levels pay no heed to it.
   */
  compress(records: Buffer, level: number | undefined): Buffer;

  /**
   * The bytes that were compressed. No more than `bytesMax` is allocated for them.
   *
   * @throws {RecordBatchError} MALFORMED: not the codec's format, or cut off. TOO_LARGE: more than
   *   `bytesMax` bytes. The message does not say which batch it was.
   */
  decompress(stored: Buffer, bytesMax: number): Buffer;
}

/** The levels that a codec takes, the first one fastest, the last one smallest. */
export interface CompressionLevels {
  readonly min: number;
  readonly max: number;
}

/**
 * Which codecs have levels. zstd's above 19 need hundreds of MiB to compress and ten to
 * decompress.
 */
export const COMPRESSION_LEVELS: Readonly<Record<Compression, CompressionLevels | undefined>> =
  Object.freeze({
    none: undefined,
    gzip: { min: 1, max: 9 },
    snappy: undefined,
    lz4: undefined,
    zstd: { min: 1, max: 19 },
  });
