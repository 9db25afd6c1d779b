import { gunzipSync, gzipSync } from 'node:zlib';
import type { Codec } from './codec';
import { zlibRefusal } from './refusal';

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
