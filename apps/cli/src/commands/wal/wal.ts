import { Option, type Command } from 'commander';
import type { Terminal } from '../../output/terminal';
import { wholeNumber } from '../client-options';
import { dump, type DumpOptions } from './dump';
import { verify, type VerifyOptions } from './verify';

const LIMIT_DEFAULT = 10_000;

/** `walrusmq wal dump|verify`: looks into the data directory of a broker that is stopped. */
export function addWalCommand(program: Command, terminal: Terminal): void {
  const wal = program
    .command('wal')
    .description('look into the data directory of a stopped broker; nothing is changed');

  withDirectory(wal.command('dump'))
    .description('show files, blocks, runs and batches in the order of the disk')
    .option('--topic <name>', 'only the logs of this topic (its name or its id)')
    .option(
      '--partition <n>',
      'only this partition',
      wholeNumber('--partition', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--records', 'show the records of each batch too')
    .option(
      '--limit <n>',
      'stop after this many lines',
      wholeNumber('--limit', 1, 10_000_000),
      LIMIT_DEFAULT,
    )
    .action((options: DumpOptions) => dump(options, terminal));

  withDirectory(wal.command('verify'))
    .description('read and check every byte in use; exits with 1 when something is damaged')
    .action((options: VerifyOptions) => verify(options, terminal));
}

function withDirectory(command: Command): Command {
  return command
    .addOption(
      new Option('--data-dir <dir>', 'directory of the log')
        .env('WALRUS_DATA_DIR')
        .default('wal_files'),
    )
    .option('--json', 'print JSON for scripts instead of text for people');
}
