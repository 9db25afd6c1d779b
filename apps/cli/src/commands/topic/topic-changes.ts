// What changes a topic but not its records: configs, growth, pins.
import type { Command } from 'commander';
import { CliError, ExitCode } from '../../cli-error';
import { counted } from '../../output/tables';
import type { Terminal } from '../../output/terminal';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from '../client-options';
import { readAssignments, readDuration } from './assignments';
import { printResult } from './print-result';
import { configsText } from './topic-text';

const PARTITIONS_MAX = 10_000;

interface ConfigOptions extends ClientOptions {
  readonly unset?: readonly string[];
  readonly validateOnly?: boolean;
}

interface GrowOptions extends ClientOptions {
  readonly partitions: number;
  readonly validateOnly?: boolean;
}

interface PinOptions extends ClientOptions {
  readonly reader: string;
  readonly expire?: string;
}

/** `walrusmq topic config|grow|pin|unpin`. */
export function addTopicChangeCommands(topic: Command, terminal: Terminal): void {
  addConfig(topic, terminal);
  addGrow(topic, terminal);
  addPins(topic, terminal);
}

function addConfig(topic: Command, terminal: Terminal): void {
  withClientOptions(topic.command('config [name] [changes...]'))
    .description(
      'show the configs of a topic, or of one that sets nothing; or change them: NAME=VALUE...',
    )
    .option('--unset <config...>', 'configs to take back, so that the default of the broker holds')
    .option('--validate-only', 'check the change, and change nothing')
    .action(async (name: string | undefined, changes: string[], options: ConfigOptions) => {
      const configs = withUnset(readAssignments(changes), options.unset ?? []);
      const isChange = Object.keys(configs).length > 0;
      await withAdmin(options, async (admin) => {
        if (name !== undefined && isChange) {
          const validateOnly = options.validateOnly === true;
          await admin.alterTopic(name, { configs, validateOnly });
          if (validateOnly) {
            const result = { topic: name, configs, valid: true };
            await printResult(terminal, options, result, () => `${name} could be changed so`);
            return;
          }
        }
        const described = await admin.describeConfigs(name);
        await printResult(terminal, options, described, () => configsText(described));
      });
    });
}

function withUnset(
  configs: Record<string, string>,
  unset: readonly string[],
): Record<string, string | null> {
  const both = unset.find((name) => Object.hasOwn(configs, name));
  if (both !== undefined) throw new CliError(`${both} is set and unset at once`, ExitCode.usage);
  return { ...configs, ...Object.fromEntries(unset.map((name) => [name, null])) };
}

function addGrow(topic: Command, terminal: Terminal): void {
  withClientOptions(topic.command('grow <name>'))
    .description('give a topic more partitions; records that have a key may go elsewhere then')
    .requiredOption(
      '--partitions <n>',
      'how many there shall be',
      wholeNumber('--partitions', 1, PARTITIONS_MAX),
    )
    .option('--validate-only', 'check whether it could grow, and change nothing')
    .action(async (name: string, options: GrowOptions) => {
      await withAdmin(options, async (admin) => {
        const validateOnly = options.validateOnly === true;
        const { partitions } = options;
        const altered = await admin.alterTopic(name, { partitions, validateOnly });
        const has = validateOnly ? 'could have' : 'has';
        const text = `${name} ${has} ${counted(altered.partitions, 'partition')}`;
        await printResult(terminal, options, altered, () => text);
      });
    });
}

function addPins(topic: Command, terminal: Terminal): void {
  withClientOptions(topic.command('pin <name>'))
    .description('keep records until a reader has passed them; see retention.consumed')
    .requiredOption('--reader <name>', 'the named reader')
    .option('--expire <duration>', 'forget it once the reader was silent for so long, as in 7d')
    .action(async (name: string, options: PinOptions) => {
      const { reader, expire } = options;
      const expireMs = expire === undefined ? undefined : readDuration('--expire', expire);
      await withAdmin(options, async (admin) => {
        await admin.pinReader(reader, name, { expireMs });
        const result = { topic: name, reader, expireMs: expireMs ?? null };
        await printResult(terminal, options, result, () => `${reader} pins ${name}`);
      });
    });

  withClientOptions(topic.command('unpin <name>'))
    .description('let records go that a reader has not passed')
    .requiredOption('--reader <name>', 'the named reader')
    .action(async (name: string, options: PinOptions) => {
      await withAdmin(options, async (admin) => {
        await admin.unpinReader(options.reader, name);
        const result = { topic: name, reader: options.reader };
        await printResult(
          terminal,
          options,
          result,
          () => `${options.reader} pins ${name} no more`,
        );
      });
    });
}
