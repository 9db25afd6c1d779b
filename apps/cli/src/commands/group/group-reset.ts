// `walrusmq group reset`.
import type { Command } from 'commander';
import type { ResetGroupOptions } from '@walrusmq/client';
import { CliError, ExitCode } from '../../cli-error';
import type { Terminal } from '../../output/terminal';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from '../client-options';
import { readMoment } from '../topic/assignments';
import { printResult } from '../topic/print-result';
import { movesText } from './group-text';
import { readTopicChoices, type TopicChoices } from './topic-choices';

const MAX = Number.MAX_SAFE_INTEGER;

interface ResetOptions extends ClientOptions {
  readonly toEarliest?: boolean;
  readonly toLatest?: boolean;
  readonly toOffset?: number;
  readonly toTime?: string;
  readonly shiftBy?: number;
  readonly copyFrom?: string;
  readonly topic?: readonly string[];
  readonly execute?: boolean;
  readonly dryRun?: boolean;
}

/** Adds the command to `walrusmq group`. */
export function addGroupResetCommand(group: Command, terminal: Terminal): void {
  withClientOptions(group.command('reset <name>'))
    .description('show where the offsets of a group without members would go; --execute moves them')
    .option('--to-earliest', 'to the oldest record that is kept')
    .option('--to-latest', 'behind the newest record')
    .option('--to-offset <n>', 'to this offset', wholeNumber('--to-offset', 0, MAX))
    .option('--to-time <time>', 'to the first record that is not older')
    .option(
      '--shift-by <n>',
      'so many records on, or back (-n)',
      wholeNumber('--shift-by', -MAX, MAX),
    )
    .option('--copy-from <group>', 'to where another group stands')
    .option('--topic <topic...>', 'of these topics only, as in orders or orders:0,1')
    .option('--execute', 'move them')
    .option('--dry-run', 'only show the plan (default)')
    .action(async (name: string, options: ResetOptions) => {
      const isExecuted = checkExecution(options);
      const reset = resetOf(options, readTopicChoices(options.topic ?? []));
      await withAdmin(options, terminal.signal, async (admin) => {
        const moves = await admin.resetGroupOffsets(name, { ...reset, dryRun: !isExecuted });
        await printResult(terminal, options, moves, () => movesText(moves));
      });
      if (isExecuted) return;
      terminal.stderr.write('this is the plan, nothing was moved; add --execute to do it\n');
    });
}

function checkExecution({ execute = false, dryRun = false }: ResetOptions): boolean {
  if (execute && dryRun) throw new CliError('say --execute or --dry-run, not both', ExitCode.usage);
  return execute;
}

function resetOf(options: ResetOptions, { topics, partitions }: TopicChoices): ResetGroupOptions {
  const { toEarliest, toLatest, toOffset, toTime, shiftBy, copyFrom } = options;
  const ways = [toEarliest, toLatest, toOffset, toTime, shiftBy, copyFrom];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    const message =
      'say one of --to-earliest, --to-latest, --to-offset, --to-time, --shift-by and --copy-from';
    throw new CliError(message, ExitCode.usage);
  }
  const scope = {
    ...(topics.length > 0 && { topics }),
    ...(partitions.length > 0 && { partitions }),
  };
  if (copyFrom !== undefined) return { ...scope, copyFrom };
  if (shiftBy !== undefined) return { ...scope, shiftBy };
  if (toOffset !== undefined) return { ...scope, toOffset };
  if (toTime !== undefined) return { ...scope, at: readMoment('--to-time', toTime) };
  return { ...scope, at: toEarliest === true ? 'earliest' : 'latest' };
}
