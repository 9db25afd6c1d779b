import type { Command } from 'commander';
import type { TopicMetadata } from '@walrusmq/client';
import { LineWriter, type Terminal } from '../output/terminal';
import { counted, grouped, renderTable, sizeText } from '../output/tables';
import { withAdmin, wholeNumber, withClientOptions, type ClientOptions } from './client-options';

const PARTITIONS_MAX = 10_000;

/** `walrusmq topic create|list|describe|delete`. */
export function addTopicCommand(program: Command, terminal: Terminal): void {
  const topic = program.command('topic').description('create, list, describe and delete topics');

  withClientOptions(topic.command('create <name>'))
    .description('create a topic')
    .option(
      '--partitions <n>',
      'number of partitions',
      wholeNumber('--partitions', 1, PARTITIONS_MAX),
      1,
    )
    .option('--if-not-exists', 'succeed when the topic is there already')
    .action(
      async (
        name: string,
        options: ClientOptions & { partitions: number; ifNotExists?: boolean },
      ) => {
        await withAdmin(options, async (admin) => {
          const created = await admin.createTopic(name, {
            partitions: options.partitions,
            ifNotExists: options.ifNotExists === true,
          });
          const verb = created.created ? 'created' : 'there already:';
          await print(
            terminal,
            options,
            created,
            () => `${verb} ${name} (${counted(created.partitions, 'partition')})`,
          );
        });
      },
    );

  withClientOptions(topic.command('list'))
    .description('list all topics')
    .action(async (options: ClientOptions) => {
      await withAdmin(options, async (admin) => {
        const topics = await admin.listTopics();
        await print(terminal, options, topics, () => listText(topics));
      });
    });

  withClientOptions(topic.command('describe <name>'))
    .description('show the partitions of a topic')
    .action(async (name: string, options: ClientOptions) => {
      await withAdmin(options, async (admin) => {
        const found = await admin.describeTopic(name);
        await print(terminal, options, found, () => describeText(found));
      });
    });

  withClientOptions(topic.command('delete <name>'))
    .description('delete a topic and all its records')
    .action(async (name: string, options: ClientOptions) => {
      await withAdmin(options, async (admin) => {
        await admin.deleteTopic(name);
        await print(terminal, options, { deleted: name }, () => `deleted ${name}`);
      });
    });
}

async function print(
  terminal: Terminal,
  options: ClientOptions,
  value: unknown,
  text: () => string,
): Promise<void> {
  const writer = new LineWriter(terminal.stdout);
  await writer.write(options.json === true ? JSON.stringify(value) : text());
  await writer.flush();
}

function recordCount(topic: TopicMetadata): number {
  return topic.partitions.reduce((sum, one) => sum + one.readableEnd - one.logStartOffset, 0);
}

function listText(topics: readonly TopicMetadata[]): string {
  if (topics.length === 0)
    return 'no topics yet; create one with: walrusmq topic create NAME --partitions 4';
  const rows = topics.map((topic) => [
    topic.name,
    topic.partitions.length,
    grouped(recordCount(topic)),
    sizeText(topic.partitions.reduce((sum, one) => sum + one.storedBytes, 0)),
  ]);
  return renderTable(['topic', 'partitions', 'records', 'stored'], rows);
}

function describeText(topic: TopicMetadata): string {
  const rows = topic.partitions.map((one) => [
    one.partition,
    one.logStartOffset,
    one.readableEnd,
    grouped(one.readableEnd - one.logStartOffset),
    sizeText(one.storedBytes),
    one.leaderEpoch,
  ]);
  const head = ['partition', 'log start', 'readable end', 'records', 'stored', 'leader epoch'];
  return `${topic.name} (id ${topic.id})\n${renderTable(head, rows)}`;
}
