import type { Command } from 'commander';
import { CliError } from '../cli-error';
import type { Terminal } from '../output/terminal';

type BrokerDoor = typeof import('@walrusmq/broker');
type BrokerFlags = Record<string, string | boolean | readonly string[]>;

/**
 * `walrusmq broker`: runs until SIGINT or SIGTERM, then drains, syncs and ends.
 *
 * @param isAsked Whether this command is the one that runs. The broker's code, with its table of
 *   settings, is loaded only then: it would double the start of every other command.
 */
export async function addBrokerCommand(
  program: Command,
  terminal: Terminal,
  isAsked: boolean,
): Promise<void> {
  const command = program.command('broker').description('run a broker until it is told to stop');
  if (!isAsked) return;
  const door = await import('@walrusmq/broker');
  for (const setting of door.settingsTable) {
    const flag =
      setting.placeholder === undefined ? setting.flag : `${setting.flag} <${setting.placeholder}>`;
    const text = `${setting.summary} (${setting.variable}; default ${setting.defaultText})`;
    if (setting.isRepeatable) command.option(flag, text, collected);
    else command.option(flag, text);
  }
  command
    .addHelpText('after', '\nA flag wins over its environment variable, that over the default.')
    .action((flags: BrokerFlags) => run(door, flags, terminal));
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function run(door: BrokerDoor, flags: BrokerFlags, terminal: Terminal): Promise<void> {
  let settings;
  try {
    settings = door.readBrokerSettings(flags, terminal.env);
  } catch (error) {
    if (error instanceof door.BrokerStartError) throw new CliError(error.message, error.exitCode);
    throw error;
  }
  // From here the broker owns the process: its ready line, its signals, its exit code.
  await door.runBroker(settings);
}
