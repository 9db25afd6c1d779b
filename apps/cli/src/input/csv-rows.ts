import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CliError } from '../cli-error';

/**
 * CSV rows as objects whose fields are named by the header row; every value stays a string.
 *
 * @throws {CliError} A row does not fit the header or its quoting is broken; the message names the
 *   line. What the input itself fails with is thrown as it is.
 */
export async function* csvRows(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Record<string, string>> {
  const source = Readable.from(chunks, { objectMode: false });
  const parser = parse({ columns: true, bom: true, skip_empty_lines: true });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const row of parser as AsyncIterable<Record<string, string>>) yield row;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CliError(`the input is not CSV: ${error.message}`, undefined, { cause: error });
  } finally {
    source.destroy();
  }
}
