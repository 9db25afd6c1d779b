import { Command, CommanderError } from 'commander';
import { ExitCode, describeError, exitCodeOf } from './cli-error';
import { addBenchCommand } from './commands/bench/bench';
import { addBrokerCommand } from './commands/broker';
import { addCompletionCommand, completedCommand } from './commands/completion/completion';
import { addConsumeCommand } from './commands/consume';
import { addGroupCommand } from './commands/group/group';
import { addInstanceCommand } from './commands/instance/instance';
import { addProduceCommand } from './commands/produce';
import { addReaderCommand } from './commands/reader/reader';
import { addTopicCommand } from './commands/topic/topic';
import { addWalCommand } from './commands/wal/wal';
import { OutputClosedError, type Terminal } from './output/terminal';

const EPILOGUE = `
Examples:
  walrusmq broker --data-dir ./wal_files
  walrusmq topic create orders --partitions 4
  walrusmq produce orders --file orders.ndjson --key customer
  walrusmq consume orders --from-beginning --exit-at-end --format value
  walrusmq group describe billing
  walrusmq wal verify ./wal_files

Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted.
Data goes to stdout; messages and progress go to stderr.`;

/**
 * Runs one command line.
 *
 * @param argv The arguments after the command's own name.
 * @returns The process's exit code; every failure was told on stderr in one line.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = await buildProgram(argv, terminal);
    await program.parseAsync(withoutHelpWord(program, argv), { from: 'user' });
    return terminal.signal.aborted ? ExitCode.interrupted : ExitCode.ok;
  } catch (error) {
    return report(error, terminal);
  }
}

async function buildProgram(argv: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command('walrusmq')
    .description('WalrusMQ: a message broker on a write-ahead log')
    .version(versionText(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EPILOGUE);
  const [first, second] = argv;
  const asked = first === 'help' ? second : (completedCommand(argv) ?? first);
  await addBrokerCommand(program, terminal, asked === 'broker');
  addTopicCommand(program, terminal);
  addInstanceCommand(program, terminal);
  addProduceCommand(program, terminal);
  addConsumeCommand(program, terminal);
  addReaderCommand(program, terminal);
  addBenchCommand(program, terminal);
  addGroupCommand(program, terminal);
  addWalCommand(program, terminal);
  addCompletionCommand(program, terminal);
  applyToAll(program, '', (command, path) => {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, write) => write(usageLine(text, path)),
    });
  });
  return program;
}

/**
 * `help topic create` as `topic create --help`: commander's own `help` shows that of the program
 * for a name that is none, and looks at one name only. What is none is left to be refused as a
 * command.
 */
function withoutHelpWord(program: Command, argv: readonly string[]): readonly string[] {
  const [first, ...names] = argv;
  if (first !== 'help') return argv;
  let command = program;
  for (const [depth, name] of names.entries()) {
    if (command.commands.length === 0) return [...names.slice(0, depth), '--help'];
    const found = command.commands.find((each) => each.name() === name);
    if (found === undefined) return names;
    command = found;
  }
  return [...names, '--help'];
}

/** Replaced by the bundler with the version of package.json; plain `tsc` output says "dev". */
declare const WALRUSMQ_VERSION: string | undefined;

function versionText(): string {
  return typeof WALRUSMQ_VERSION === 'string' ? WALRUSMQ_VERSION : 'dev';
}

function applyToAll(
  command: Command,
  prefix: string,
  apply: (command: Command, path: string) => void,
): void {
  const path = `${prefix}${command.name()}`;
  apply(command, path);
  for (const child of command.commands) applyToAll(child, `${path} `, apply);
}

/** Commander's error, which has its suggestion on a second line, in one line. */
function usageLine(text: string, path: string): string {
  const line = text.replace(/^error: /, '').trim();
  return `walrusmq: ${line.replace(/\s*\n\s*/g, ' ')} (see ${path} --help)\n`;
}

/** Commander has printed its own errors already; all others are printed here, once. */
function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof OutputClosedError) return ExitCode.ok;
  // Whoever interrupts knows why it ended.
  if (terminal.signal.aborted && error === terminal.signal.reason) return ExitCode.interrupted;
  terminal.stderr.write(`walrusmq: ${describeError(error)}\n`);
  return terminal.signal.aborted ? ExitCode.interrupted : exitCodeOf(error);
}
