import { statSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { CliError } from '../../cli-error';
import type { Terminal } from '../../output/terminal';
import { wholeNumber } from '../client-options';
import { dump, type DumpOptions } from './dump';
import { repair, type RepairOptions } from './repair';
import { verify, type VerifyOptions } from './verify';

const LIMIT_DEFAULT = 10_000;

/** `walrusmq wal dump|verify|repair`: the data directory of a broker that is stopped. */
export function addWalCommand(program: Command, terminal: Terminal): void {
  const wal = program
    .command('wal')
    .description('look into the data directory of a stopped broker, and repair it');

  withDirectory(wal.command('dump [directory]'))
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
    .action((directory: string | undefined, options: DumpOptions) =>
      dump({ ...options, dataDir: checked(directory ?? options.dataDir) }, terminal),
    );

  withDirectory(wal.command('verify [directory]'))
    .description('read and check every byte in use; exits with 1 when something is damaged')
    .action((directory: string | undefined, options: VerifyOptions) =>
      verify({ ...options, dataDir: checked(directory ?? options.dataDir) }, terminal),
    );

  withDirectory(wal.command('repair [directory]'))
    .description(
      'say what would make damaged logs writable again, and change nothing; with --apply do it',
    )
    .option('--apply', 'copy what goes to quarantine/ in the directory, then cut it off')
    .action((directory: string | undefined, options: RepairOptions) =>
      repair({ ...options, dataDir: checked(directory ?? options.dataDir) }, terminal),
    );
}

/** @throws {CliError} The path is not a directory. What is in it is the engine's to judge. */
function checked(dataDir: string): string {
  const found = statSync(dataDir, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return dataDir;
  const what = found === undefined ? 'does not exist' : 'is not a directory';
  throw new CliError(`${dataDir} ${what}; name the data directory of a broker that is stopped`);
}

function withDirectory(command: Command): Command {
  return command
    .addOption(
      new Option('--data-dir <dir>', 'the directory, where no argument names it')
        .env('WALRUS_DATA_DIR')
        .default('wal_files'),
    )
    .option('--json', 'print JSON for scripts instead of text for people');
}
