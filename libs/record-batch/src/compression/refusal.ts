// What codecs throw. Whoever decodes the batch adds which one it was.
import { RecordBatchError } from '../record-batch-error';

/** Bytes that are not the codec's format. */
export function malformed(codec: string, what: string): RecordBatchError {
  return new RecordBatchError('MALFORMED', `${codec}: ${what}`);
}

/** Records that unpack to more than the limit. */
export function tooLarge(bytesMax: number): RecordBatchError {
  return new RecordBatchError('TOO_LARGE', `the records unpack to over ${bytesMax} bytes`);
}

/** What an error of Node's zlib means to whoever decodes a batch. */
export function zlibRefusal(
  codec: string,
  error: NodeJS.ErrnoException,
  bytesMax: number,
): RecordBatchError {
  if (error.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(bytesMax);
  return malformed(codec, error.message);
}
