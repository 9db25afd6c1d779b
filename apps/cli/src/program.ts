import { Command, CommanderError } from 'commander';
import { CliError, ExitCode, describeError } from './cli-error';
import { addBrokerCommand } from './commands/broker';
import { addConsumeCommand } from './commands/consume';
import { addProduceCommand } from './commands/produce';
import { addTopicCommand } from './commands/topic';
import { addWalCommand } from './commands/wal/wal';
import { OutputClosedError, type Terminal } from './output/terminal';

const EPILOGUE = `
Examples:
  walrusmq broker --data-dir ./wal_files
  walrusmq topic create orders --partitions 4
  walrusmq produce orders --file orders.ndjson --key customer
  walrusmq consume orders --from-beginning --exit-at-end --format value

Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted.
Data goes to stdout; messages and progress go to stderr.`;

/**
 * Runs one command line.
 *
 * @param argv The arguments after the command's own name.
 * @returns The process's exit code; every failure was told on stderr in one line.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = ExitCode.ok;
  try {
    const program = await buildProgram(argv, terminal, (code) => {
      exitCode = code;
    });
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, terminal);
  }
}

async function buildProgram(
  argv: readonly string[],
  terminal: Terminal,
  setExitCode: (code: number) => void,
): Promise<Command> {
  const program = new Command('walrusmq')
    .description('WalrusMQ: a message broker on a write-ahead log')
    .version(versionText(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('(walrusmq --help shows what there is)');
  const asksForBroker = argv[0] === 'broker' || (argv[0] === 'help' && argv[1] === 'broker');
  await addBrokerCommand(program, terminal, asksForBroker);
  addTopicCommand(program, terminal);
  addProduceCommand(program, terminal);
  addConsumeCommand(program, terminal);
  addWalCommand(program, terminal, setExitCode);
  applyToAll(program, (command) => {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });
  });
  return program;
}

/** Replaced by the bundler with the version of package.json; plain `tsc` output says "dev". */
declare const WALRUSMQ_VERSION: string | undefined;

function versionText(): string {
  return typeof WALRUSMQ_VERSION === 'string' ? WALRUSMQ_VERSION : 'dev';
}

function applyToAll(command: Command, apply: (command: Command) => void): void {
  apply(command);
  for (const child of command.commands) applyToAll(child, apply);
}

/** Commander has printed its own errors already; all others are printed here, once. */
function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof OutputClosedError) return ExitCode.ok;
  if (terminal.signal.aborted && !(error instanceof CliError)) return ExitCode.interrupted;
  terminal.stderr.write(`walrusmq: ${describeError(error)}\n`);
  return error instanceof CliError ? error.exitCode : ExitCode.failed;
}
