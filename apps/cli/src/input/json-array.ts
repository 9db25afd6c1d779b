import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { CliError } from '../cli-error';

/**
 * The elements of a file that is one JSON array, one at a time, however long it is.
 *
 * @throws {CliError} The input is not a JSON array; elements before the bad place were handed out.
 */
export async function* jsonArrayElements(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const elements = streamArray.withParserAsStream();
  // The pipeline's own failure reaches the loop below as the stream's error.
  const piped = pipeline(Readable.from(chunks, { objectMode: false }), elements).then(
    () => undefined,
    (error: unknown) => error,
  );
  let count = 0;
  try {
    for await (const { value } of elements as AsyncIterable<{ value: unknown }>) {
      count += 1;
      yield value;
    }
  } catch (error) {
    throw notAnArray(error, count);
  }
  const failure = await piped;
  if (failure !== undefined) throw notAnArray(failure, count);
}

function notAnArray(error: unknown, count: number): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CliError(
    `the input is not a JSON array (after element ${count}: ${reason}); for one document a line use --input ndjson`,
  );
}
