import { Argument, type Command } from 'commander';
import { LineWriter, type Terminal } from '../../output/terminal';
import { completeWords, type TopicNames } from './complete-words';
import { COMPLETE_COMMAND, FILES_LINE, SCRIPTS, SHELLS, type Shell } from './scripts';

/** Somebody waits at the terminal, with a half-typed line. */
const TOPICS_MS_MAX = 1_000;

const EPILOGUE = `
It completes commands, flags, their values, and the names of topics, for which it asks the broker
that --broker or WALRUSMQ_BROKER names. In the shell's start file:
  bash  source <(walrusmq completion bash)
  zsh   source <(walrusmq completion zsh)
  fish  walrusmq completion fish | source`;

/** `walrusmq completion SHELL`, and the command behind its scripts. */
export function addCompletionCommand(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('print what a shell needs to complete command lines')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText('after', EPILOGUE)
    .action((shell: Shell) => {
      terminal.stdout.write(SCRIPTS[shell]);
    });
  program
    .command(`${COMPLETE_COMMAND} [words...]`, { hidden: true })
    .action((words: readonly string[]) => complete(program, words, terminal));
}

/**
 * The command that a line to complete is about; undefined where the line is one to run. Lets the
 * program leave out what costs time to load.
 */
export function completedCommand(argv: readonly string[]): string | undefined {
  return argv[0] === COMPLETE_COMMAND && argv.length > 3 ? argv[2] : undefined;
}

async function complete(
  program: Command,
  words: readonly string[],
  { env, stdout }: Terminal,
): Promise<void> {
  const { candidates, takesFiles } = await completeWords(program, words, topicNamesFrom(env));
  const writer = new LineWriter(stdout);
  for (const { value, description } of candidates) {
    await writer.write(`${value}\t${description.replace(/\s+/g, ' ')}`);
  }
  if (takesFiles) await writer.write(FILES_LINE);
  await writer.flush();
}

function topicNamesFrom(env: Terminal['env']): TopicNames {
  return async (flags) => {
    const { Admin } = await import('@walrusmq/client');
    const admin = new Admin({
      broker: flags.get('broker') ?? env['WALRUSMQ_BROKER'] ?? '127.0.0.1:9192',
      instance: flags.get('instance'),
      clientId: 'walrusmq-complete',
      connectTimeoutMs: TOPICS_MS_MAX,
      requestTimeoutMs: TOPICS_MS_MAX,
      retryTimeoutMs: 0,
    });
    try {
      return (await admin.listTopics()).map(({ name }) => name);
    } catch {
      // A half-typed line is no place for a message: without a broker there is nothing to offer.
      return [];
    } finally {
      await admin.close();
    }
  };
}
