import type { Command } from 'commander';
import type { ListedReader } from '@walrusmq/client';
import type { Terminal } from '../../output/terminal';
import { withAdmin, withClientOptions, type ClientOptions } from '../client-options';
import { printResult } from '../topic/print-result';
import { addReaderMoveCommands } from './reader-moves';
import { addReaderReadCommand } from './reader-read';
import { describeText, listText } from './reader-text';

interface ListOptions extends ClientOptions {
  readonly topic?: string;
}

interface TopicsOptions extends ClientOptions {
  readonly topic?: readonly string[];
}

interface DeleteOptions extends TopicsOptions {
  readonly takeOver?: boolean;
}

/** `walrusmq reader list|describe|create|reset|delete|read`. */
export function addReaderCommand(program: Command, terminal: Terminal): void {
  const reader = program
    .command('reader')
    .description('named readers: where they stand, move them, read with them');
  addList(reader, terminal);

  withClientOptions(reader.command('describe <reader>'))
    .description('show where a reader stands in each partition, its lag and who has it attached')
    .option('--topic <name...>', 'only in these topics (default: in all it is in)')
    .action(async (name: string, options: TopicsOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const topics = await admin.describeReader(name, options.topic);
        await printResult(terminal, options, topics, () => describeText(topics));
      });
    });

  addReaderMoveCommands(reader, terminal);

  withClientOptions(reader.command('delete <reader>'))
    .description('delete a reader with its positions and pins')
    .option('--topic <name...>', 'only from these topics (default: from all)')
    .option('--take-over', 'even while a connection has it attached, which then loses it')
    .action(async (name: string, options: DeleteOptions) => {
      const { topic: topics, takeOver } = options;
      await withAdmin(options, terminal.signal, async (admin) => {
        const deleted = await admin.deleteReader(name, { topics, takeOver });
        const result = { deleted: name, topics: deleted };
        const text = `deleted ${name} from ${deleted.join(', ')}`;
        await printResult(terminal, options, result, () => text);
      });
    });

  addReaderReadCommand(reader, terminal);
}

function addList(reader: Command, terminal: Terminal): void {
  withClientOptions(reader.command('list'))
    .description('list the readers of all topics, or of one, with their lag')
    .option('--topic <name>', 'only of this topic')
    .action(async (options: ListOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const readers: ListedReader[] = [];
        const { topic } = options;
        for await (const each of admin.listReaders({ topic })) readers.push(each);
        await printResult(terminal, options, readers, () => listText(readers));
      });
    });
}
