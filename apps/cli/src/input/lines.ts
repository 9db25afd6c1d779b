import { CliError } from '../cli-error';

/** One line's bytes, without its newline, and its number from 1. */
export interface Line {
  readonly bytes: Buffer;
  readonly number: number;
}

const NEWLINE = 0x0a;

/**
 * Splits a byte stream into lines; the last one need not end in a newline. Bytes are kept as they
 * are.
 *
 * @param lineBytesMax A longer line ends the iteration with an error that names it, so that a file
 *   without newlines cannot fill the memory.
 * @throws {CliError} A line is longer than `lineBytesMax`.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  lineBytesMax: number,
): AsyncGenerator<Line> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let number = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      yield { bytes: pending.length === 0 ? tail : Buffer.concat([...pending, tail]), number };
      pending = [];
      pendingBytes = 0;
      number += 1;
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > lineBytesMax) {
      throw new CliError(`line ${number} is longer than ${lineBytesMax} bytes; split the file`);
    }
  }
  if (pendingBytes > 0) yield { bytes: Buffer.concat(pending), number };
}
