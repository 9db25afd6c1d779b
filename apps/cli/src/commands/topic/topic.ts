import type { Command } from 'commander';
import type { Terminal } from '../../output/terminal';
import { counted } from '../../output/tables';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from '../client-options';
import { readAssignments } from './assignments';
import { printResult } from './print-result';
import { addTopicChangeCommands } from './topic-changes';
import { addTopicRecordsCommands } from './topic-records';
import { describeText, listText } from './topic-text';

const PARTITIONS_MAX = 10_000;

interface CreateOptions extends ClientOptions {
  readonly partitions?: number;
  readonly config?: readonly string[];
  readonly ifNotExists?: boolean;
  readonly validateOnly?: boolean;
}

/** `walrusmq topic create|list|describe|config|grow|delete-records|pin|unpin|delete`. */
export function addTopicCommand(program: Command, terminal: Terminal): void {
  const topic = program.command('topic').description('create, list, change and delete topics');
  addCreate(topic, terminal);

  withClientOptions(topic.command('list'))
    .description('list all topics')
    .action(async (options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const topics = await admin.listTopics();
        await printResult(terminal, options, topics, () => listText(topics));
      });
    });

  withClientOptions(topic.command('describe <name>'))
    .description('show the partitions, configs and pins of a topic')
    .action(async (name: string, options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const found = await admin.describeTopic(name);
        await printResult(terminal, options, found, () => describeText(found));
      });
    });

  addTopicChangeCommands(topic, terminal);
  addTopicRecordsCommands(topic, terminal);

  withClientOptions(topic.command('delete <name>'))
    .description('delete a topic and all its records')
    .action(async (name: string, options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        await admin.deleteTopic(name);
        await printResult(terminal, options, { deleted: name }, () => `deleted ${name}`);
      });
    });
}

function addCreate(topic: Command, terminal: Terminal): void {
  withClientOptions(topic.command('create <name>'))
    .description('create a topic')
    .option(
      '--partitions <n>',
      "number of partitions (default: the broker's --default-partitions)",
      wholeNumber('--partitions', 1, PARTITIONS_MAX),
    )
    .option('--config <name=value...>', 'topic configs, such as retention.ms=3600000')
    .option('--if-not-exists', 'succeed when the topic is there already')
    .option('--validate-only', 'check whether it could be created, and create nothing')
    .action(async (name: string, options: CreateOptions) => {
      const configs = readAssignments(options.config ?? []);
      await withAdmin(options, terminal.signal, async (admin) => {
        const created = await admin.createTopic(name, {
          partitions: options.partitions,
          configs,
          ifNotExists: options.ifNotExists === true,
          validateOnly: options.validateOnly === true,
        });
        const existing = created.id === '' ? 'could be created:' : 'there already:';
        const verb = created.created ? 'created' : existing;
        await printResult(
          terminal,
          options,
          created,
          () => `${verb} ${name} (${counted(created.partitions, 'partition')})`,
        );
      });
    });
}
