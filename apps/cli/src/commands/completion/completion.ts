import type { Admin } from '@walrusmq/client';
import { Argument, type Command } from 'commander';
import { LineWriter, type Terminal } from '../../output/terminal';
import { completeWords, type BrokerNames, type NameKind } from './complete-words';
import { COMPLETE_COMMAND, FILES_LINE, SCRIPTS, SHELLS, type Shell } from './scripts';

/** Somebody waits at the terminal, with a half-typed line. */
const NAMES_MS_MAX = 1_000;
/**
 * What every shell takes for one word as it is. Other names are not offered: somebody else chose
 * them, and a shell would run what is in a `$(…)`.
 */
const PLAIN_WORD = /^[\p{L}\p{N}_.][\p{L}\p{N}_.:@%+,/-]*$/u;

const EPILOGUE = `
It completes commands, flags, their values, and the names of topics, groups, readers and instances,
for which it asks the broker that --broker or WALRUSMQ_BROKER names. In the shell's start file:
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
  const { candidates, takesFiles } = await completeWords(program, words, brokerNamesFrom(env));
  const writer = new LineWriter(stdout);
  for (const { value, description } of candidates) {
    await writer.write(`${value}\t${description.replace(/\s+/g, ' ')}`);
  }
  if (takesFiles) await writer.write(FILES_LINE);
  await writer.flush();
}

function brokerNamesFrom(env: Terminal['env']): BrokerNames {
  return async (kind, flags) => {
    const client = await import('@walrusmq/client');
    const admin = new client.Admin({
      broker: flags.get('broker') ?? env['WALRUSMQ_BROKER'] ?? '127.0.0.1:9192',
      instance: flags.get('instance'),
      clientId: 'walrusmq-complete',
      connectTimeoutMs: NAMES_MS_MAX,
      requestTimeoutMs: NAMES_MS_MAX,
      retryTimeoutMs: 0,
    });
    try {
      return (await namesOf(admin, kind)).filter((name) => PLAIN_WORD.test(name));
    } catch {
      // A half-typed line is no place for a message: without a broker there is nothing to offer.
      return [];
    } finally {
      await admin.close();
    }
  };
}

async function namesOf(admin: Admin, kind: NameKind): Promise<readonly string[]> {
  switch (kind) {
    case 'topic':
      return (await admin.listTopics()).map(({ name }) => name);
    case 'group':
      return (await admin.listGroups()).map(({ group }) => group);
    case 'instance':
      return (await admin.listInstances()).map(({ key }) => key);
    case 'reader': {
      // Once for each topic that it reads.
      const names = new Set<string>();
      for await (const { reader } of admin.listReaders()) names.add(reader);
      return [...names];
    }
  }
}
