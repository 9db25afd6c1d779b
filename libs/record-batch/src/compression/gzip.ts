import { gunzipSync, gzipSync } from 'node:zlib';
import { RecordBatchError } from '../record-batch-error';
import type { Codec } from './codec';

const INFLATE_CHUNK_BYTES = 64 * 1024;

/** Deflate in the frame of RFC 1952, by Node's zlib. */
export const gzip: Codec = {
  compress: (records, level) => gzipSync(records, level === undefined ? {} : { level }),

  decompress(stored, bytesMax) {
    try {
      // Inflating stops at the limit: gzip says only at its end how much there is.
      return gunzipSync(stored, { maxOutputLength: bytesMax, chunkSize: INFLATE_CHUNK_BYTES });
    } catch (error) {
      throw zlibRefusal('gzip', error as NodeJS.ErrnoException, bytesMax);
    }
  },
};

/** What an error of Node's zlib means to whoever decodes a batch. */
export function zlibRefusal(
  codec: string,
  error: NodeJS.ErrnoException,
  bytesMax: number,
): RecordBatchError {
  if (error.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(bytesMax);
  return new RecordBatchError('MALFORMED', `${codec} says ${error.message}`);
}

/** The refusal of records that unpack to more than the limit. */
export function tooLarge(bytesMax: number): RecordBatchError {
  return new RecordBatchError('TOO_LARGE', `the records unpack to over ${bytesMax} bytes`);
}
