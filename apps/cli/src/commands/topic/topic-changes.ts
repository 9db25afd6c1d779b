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
  readonly reader?: string;
  readonly group?: string;
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
      await withAdmin(options, terminal.signal, async (admin) => {
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
      await withAdmin(options, terminal.signal, async (admin) => {
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
    .description('keep records until a reader or a group has passed them; see retention.consumed')
    .option('--reader <name>', 'the named reader')
    .option('--group <name>', 'the consumer group')
    .option('--expire <duration>', 'forget it once that was silent for so long, as in 7d')
    .action(async (name: string, options: PinOptions) => {
      const holder = holderOf(options);
      const expireMs =
        options.expire === undefined ? undefined : readDuration('--expire', options.expire);
      await withAdmin(options, terminal.signal, async (admin) => {
        if ('reader' in holder) await admin.pinReader(holder.reader, name, { expireMs });
        else await admin.pinGroup(holder.group, name, { expireMs });
        const result = { topic: name, ...holder, expireMs: expireMs ?? null };
        await printResult(terminal, options, result, () => `${nameOf(holder)} pins ${name}`);
      });
    });

  withClientOptions(topic.command('unpin <name>'))
    .description('let records go that a reader or a group has not passed')
    .option('--reader <name>', 'the named reader')
    .option('--group <name>', 'the consumer group')
    .action(async (name: string, options: PinOptions) => {
      const holder = holderOf(options);
      await withAdmin(options, terminal.signal, async (admin) => {
        if ('reader' in holder) await admin.unpinReader(holder.reader, name);
        else await admin.unpinGroup(holder.group, name);
        const result = { topic: name, ...holder };
        await printResult(
          terminal,
          options,
          result,
          () => `${nameOf(holder)} pins ${name} no more`,
        );
      });
    });
}

/** Who pins: a named reader or a group. */
type Holder = { readonly reader: string } | { readonly group: string };

function holderOf({ reader, group }: PinOptions): Holder {
  if (reader !== undefined && group === undefined) return { reader };
  if (group !== undefined && reader === undefined) return { group };
  throw new CliError('say one of --reader and --group', ExitCode.usage);
}

function nameOf(holder: Holder): string {
  return 'reader' in holder ? holder.reader : holder.group;
}
