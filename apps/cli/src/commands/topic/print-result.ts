import { LineWriter, type Terminal } from '../../output/terminal';
import type { ClientOptions } from '../client-options';

/** Prints what a command found or did: as JSON with `--json`, else as `text` says. */
export async function printResult(
  terminal: Terminal,
  options: ClientOptions,
  value: unknown,
  text: () => string,
): Promise<void> {
  const writer = new LineWriter(terminal.stdout);
  await writer.write(options.json === true ? JSON.stringify(value) : text());
  await writer.flush();
}
