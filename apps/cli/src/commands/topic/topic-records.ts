// `walrusmq topic delete-records`.
import type { Command } from 'commander';
import type { RecordsToDelete } from '@walrusmq/client';
import { CliError, ExitCode } from '../../cli-error';
import { renderTable } from '../../output/tables';
import type { Terminal } from '../../output/terminal';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from '../client-options';
import { readMoment } from './assignments';
import { printResult } from './print-result';

const PARTITION_MAX = 9_999;

interface DeleteRecordsOptions extends ClientOptions {
  readonly partition?: readonly string[];
  readonly beforeOffset?: number;
  readonly beforeTime?: string;
  readonly all?: boolean;
}

/** Adds the command to `walrusmq topic`. */
export function addTopicRecordsCommands(topic: Command, terminal: Terminal): void {
  withClientOptions(topic.command('delete-records <name>'))
    .description('delete the oldest records of a topic, which stays')
    .option(
      '--before-offset <n>',
      'those before an offset; needs --partition',
      wholeNumber('--before-offset', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--before-time <time>', 'those before the first record that is not older')
    .option('--all', 'all that can be read now')
    .option('--partition <n...>', 'only of these partitions (default: of all)')
    .action(async (name: string, options: DeleteRecordsOptions) => {
      const records = recordsOf(options);
      await withAdmin(options, terminal.signal, async (admin) => {
        const starts = await admin.deleteRecords(name, records);
        const rows = starts.map(({ partition, logStartOffset }) => [partition, logStartOffset]);
        await printResult(terminal, options, starts, () =>
          renderTable(['partition', 'log start'], rows),
        );
      });
    });
}

function recordsOf(options: DeleteRecordsOptions): RecordsToDelete {
  const { beforeOffset, beforeTime, all } = options;
  const ways = [beforeOffset, beforeTime, all].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    const message = 'say one of --before-offset, --before-time and --all';
    throw new CliError(message, ExitCode.usage);
  }
  const read = wholeNumber('--partition', 0, PARTITION_MAX);
  const partitions = options.partition?.map(read);
  if (beforeOffset === undefined) {
    const before = beforeTime === undefined ? 'latest' : readMoment('--before-time', beforeTime);
    return partitions === undefined ? { before } : { before, partitions };
  }
  if (partitions === undefined) {
    throw new CliError('--before-offset needs --partition', ExitCode.usage);
  }
  return { offsets: partitions.map((partition) => ({ partition, beforeOffset })) };
}
