// `walrusmq reader create|reset`: where a reader is to stand.
import type { Command } from 'commander';
import type { Admin, PartitionSelection, TopicPartition } from '@walrusmq/client';
import { CliError, ExitCode } from '../../cli-error';
import { counted, renderTable } from '../../output/tables';
import type { Terminal } from '../../output/terminal';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from '../client-options';
import { readMoment } from '../topic/assignments';
import { printResult } from '../topic/print-result';
import { movesText } from './reader-text';

const PARTITION_MAX = 9_999;
const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

interface PlaceOptions extends ClientOptions {
  readonly topic: readonly string[];
  readonly partition?: readonly string[];
  readonly toEarliest?: boolean;
  readonly toLatest?: boolean;
  readonly toTime?: string;
  readonly toOffset?: number;
}

interface CreateOptions extends PlaceOptions {
  readonly ifNotExists?: boolean;
}

interface ResetOptions extends PlaceOptions {
  readonly shiftBy?: number;
  readonly copyFrom?: string;
  readonly dryRun?: boolean;
  readonly takeOver?: boolean;
}

/** Adds the commands to `walrusmq reader`. */
export function addReaderMoveCommands(reader: Command, terminal: Terminal): void {
  withPlaces(reader.command('create <reader>'))
    .description('give a reader a position in topics where it has none (default: --to-earliest)')
    .option('--if-not-exists', 'leave it where it stands already')
    .action((name: string, options: CreateOptions) => create(name, options, terminal));

  withPlaces(reader.command('reset <reader>'))
    .description('move a reader; prints where it goes first')
    .option(
      '--shift-by <n>',
      'records forward, or back as in --shift-by -10',
      wholeNumber('--shift-by', -OFFSET_MAX, OFFSET_MAX),
    )
    .option('--copy-from <reader>', 'to where another reader stands')
    .option('--dry-run', 'only print where it would go')
    .option('--take-over', 'even while a connection has it attached, which then loses it')
    .addHelpText('after', '\nPlaces that are not in the log become the nearest ones that are.')
    .action((name: string, options: ResetOptions) => reset(name, options, terminal));
}

function withPlaces(command: Command): Command {
  return withClientOptions(command)
    .requiredOption('--topic <name...>', 'topics')
    .option('--partition <n...>', 'only these partitions of the topic (default: all)')
    .option('--to-earliest', 'to the first record that is kept')
    .option('--to-latest', 'to the end: to the next record that comes')
    .option('--to-time <time>', 'to the first record that is not older')
    .option('--to-offset <n>', 'to this offset', wholeNumber('--to-offset', 0, OFFSET_MAX));
}

async function create(name: string, options: CreateOptions, terminal: Terminal): Promise<void> {
  checkWays([options.toEarliest, options.toLatest, options.toTime, options.toOffset], false);
  const ifExists = options.ifNotExists === true ? 'keep' : 'refuse';
  const { toOffset } = options;
  await withAdmin(options, terminal.signal, async (admin) => {
    const made = await admin.createReader(
      name,
      toOffset === undefined
        ? { ifExists, ...selectionOf(options), at: momentOf(options) }
        : { ifExists, offsets: await everywhere(admin, options, toOffset) },
    );
    const rows = made.map(({ topic, partition, offset }) => [topic, partition, offset]);
    await printResult(terminal, options, made, () =>
      renderTable(['topic', 'partition', 'position'], rows),
    );
  });
}

async function reset(name: string, options: ResetOptions, terminal: Terminal): Promise<void> {
  const { toEarliest, toLatest, toTime, toOffset, shiftBy, copyFrom } = options;
  checkWays([toEarliest, toLatest, toTime, toOffset, shiftBy, copyFrom], true);
  await withAdmin(options, terminal.signal, async (admin) => {
    const target = await targetOf(admin, options);
    const plan = await admin.resetReader(name, { ...target, dryRun: true });
    if (options.dryRun === true) {
      await printResult(terminal, options, plan, () => `${movesText(plan)}\nnothing was moved`);
      return;
    }
    // What goes wrong from here on has its plan above it.
    if (options.json !== true) await printResult(terminal, options, plan, () => movesText(plan));
    const moves = await admin.resetReader(name, { ...target, takeOver: options.takeOver });
    const text = `moved ${name} in ${counted(moves.length, 'partition')}`;
    await printResult(terminal, options, moves, () => text);
  });
}

async function targetOf(
  admin: Admin,
  options: ResetOptions,
): Promise<Parameters<Admin['resetReader']>[1]> {
  const { toOffset, shiftBy, copyFrom } = options;
  if (toOffset !== undefined) return { offsets: await everywhere(admin, options, toOffset) };
  const selection = selectionOf(options);
  if (shiftBy !== undefined) return { ...selection, shiftBy };
  if (copyFrom !== undefined) return { ...selection, copyFrom };
  return { ...selection, at: momentOf(options) };
}

function momentOf({ toLatest, toTime }: PlaceOptions): 'earliest' | 'latest' | number {
  if (toTime !== undefined) return readMoment('--to-time', toTime);
  return toLatest === true ? 'latest' : 'earliest';
}

function selectionOf(options: PlaceOptions): PartitionSelection {
  const partitions = partitionsOf(options);
  return partitions === undefined ? { topics: options.topic } : { partitions };
}

/** The partitions that `--partition` names; undefined: all of every topic. */
function partitionsOf({ topic, partition }: PlaceOptions): TopicPartition[] | undefined {
  if (partition === undefined) return undefined;
  const [only] = topic;
  if (only === undefined || topic.length > 1) {
    throw new CliError('--partition needs one --topic', ExitCode.usage);
  }
  const read = wholeNumber('--partition', 0, PARTITION_MAX);
  return partition.map((text) => ({ topic: only, partition: read(text) }));
}

/** One offset in all partitions that are meant. */
async function everywhere(
  admin: Admin,
  options: PlaceOptions,
  offset: number,
): Promise<(TopicPartition & { readonly offset: number })[]> {
  const named = partitionsOf(options);
  if (named !== undefined) return named.map((each) => ({ ...each, offset }));
  const topics = await admin.describeTopics(options.topic);
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition, offset })),
  );
}

function checkWays(given: readonly unknown[], needsOne: boolean): void {
  const count = given.filter((way) => way !== undefined).length;
  if (count === 1 || (count === 0 && !needsOne)) return;
  const ways = '--to-earliest, --to-latest, --to-time, --to-offset';
  const all = needsOne ? `${ways}, --shift-by and --copy-from` : ways;
  throw new CliError(`say one of ${all}`, ExitCode.usage);
}
