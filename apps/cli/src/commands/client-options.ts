import { Option, type Command } from 'commander';
import type { Admin } from '@walrusmq/client';
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
 */
export async function withAdmin<T>(
  options: ClientOptions,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const { Admin } = await import('@walrusmq/client');
  const admin = new Admin({
    broker: options.broker,
    instance: options.instance,
    clientId: 'walrusmq-cli',
    retryTimeoutMs: 0,
  });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}
