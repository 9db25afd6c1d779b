import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { CliError } from '../cli-error';

/**
 * The elements of a file that is one JSON array, one at a time, however long it is.
 *
 * @throws {CliError} The input is not a JSON array. Elements shortly before the bad place may not
 *   have been handed out; the message names the last one that was.
 *   What the input itself fails with is thrown as it is.
 */
export async function* jsonArrayElements(chunks: AsyncIterable<Buffer>): AsyncGenerator {
  let inputFailure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* chunks;
    } catch (error) {
      inputFailure = { error };
      throw error;
    }
  }
  const elements = streamArray.withParserAsStream();
  // The pipeline's own failure reaches the loop below as the stream's error.
  const piped = pipeline(Readable.from(watched(), { objectMode: false }), elements).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  let count = 0;
  try {
    for await (const { value } of elements as AsyncIterable<{ value: unknown }>) {
      count += 1;
      yield value;
    }
    const failure = await piped;
    if (failure !== undefined) throw failure.error;
  } catch (error) {
    if (inputFailure !== undefined) throw inputFailure.error;
    throw notAnArray(error, count);
  }
}

function notAnArray(error: unknown, count: number): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  const place = count === 0 ? '' : `somewhere after element ${count}: `;
  return new CliError(
    `the input is not a JSON array (${place}${reason}); for one document a line use --input ndjson`,
    undefined,
    { cause: error },
  );
}
