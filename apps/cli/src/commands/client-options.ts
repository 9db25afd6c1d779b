import { Option, type Command } from 'commander';
import type { Admin } from '@walrusmq/client';
import { COMPRESSIONS, COMPRESSION_LEVELS, type Compression } from '@walrusmq/record-batch';
import { CliError, ExitCode } from '../cli-error';

/** What every command that talks to a broker takes. */
export interface ClientOptions {
  readonly broker: string;
  readonly instance?: string;
  readonly json?: boolean;
}

/** Adds `--broker`, `--instance` and `--json` to a command. */
export function withClientOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--broker <host:port>', 'address of the broker')
        .env('WALRUSMQ_BROKER')
        .default('127.0.0.1:9192'),
    )
    .option('--instance <key>', 'instance of the broker to use (default: its default instance)')
    .option('--json', 'print JSON for scripts instead of text for people');
}

/** Parses a whole number within bounds, for commander's option parsers. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max) {
      throw new CliError(
        `${name} must be a whole number from ${min} to ${max}, got "${text}"`,
        ExitCode.usage,
      );
    }
    return value;
  };
}

/**
 * Runs `use` with an admin client, which is closed afterwards. A broker that is not there fails at
 * once: a person at a terminal would rather start it than wait.
 *
 * @param signal Closes the client, which ends the calls under way; undefined: they go on.
 */
export async function withAdmin<T>(
  options: ClientOptions,
  signal: AbortSignal | undefined,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const { Admin } = await import('@walrusmq/client');
  const admin = new Admin({
    broker: options.broker,
    instance: options.instance,
    clientId: 'walrusmq-cli',
    retryTimeoutMs: 0,
  });
  const stop = (): void => void admin.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    return await use(admin);
  } catch (error) {
    // That the client was closed says less than why.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await admin.close();
  }
}

/** `--acks`, as its choices. */
export type AcksChoice = 'all' | '1' | '0';

/** Adds what every command that sends records takes: `--acks`, `--compression` and its level. */
export function withProducerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--acks <acks>', 'all: synced by the schedule; 1: written; 0: no answer')
        .choices(['all', '1', '0'])
        .default('all'),
    )
    .addOption(
      new Option('--compression <codec>', 'codec of the batches')
        .choices(COMPRESSIONS)
        .default('none'),
    )
    .option(
      '--compression-level <n>',
      'gzip: 1 to 9 (default 6); zstd: 1 to 19 (default 3)',
      wholeNumber('--compression-level', 1, 19),
    );
}

/** What `withProducerOptions` adds. */
export interface SendingOptions {
  readonly acks: AcksChoice;
  readonly compression: Compression;
  readonly compressionLevel?: number;
}

/** @throws {CliError} The codec has no such level. */
export function checkLevel({ compression, compressionLevel: level }: SendingOptions): void {
  if (level === undefined) return;
  const levels = COMPRESSION_LEVELS[compression];
  if (levels !== undefined && level <= levels.max) return;
  const what = levels === undefined ? 'no levels' : `levels from ${levels.min} to ${levels.max}`;
  throw new CliError(
    `--compression-level ${level}: --compression ${compression} has ${what}`,
    ExitCode.usage,
  );
}

/** `--acks` as the SDK takes it. */
export function acksOf(acks: AcksChoice): 'all' | 1 | 0 {
  return acks === 'all' ? 'all' : acks === '1' ? 1 : 0;
}
