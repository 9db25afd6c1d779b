// `walrusmq group list|describe|reset|delete|delete-offsets`.
import { Option, type Command } from 'commander';
import type { GroupState, GroupType } from '@walrusmq/client';
import { LineWriter, type Terminal } from '../../output/terminal';
import { withAdmin, withClientOptions, type ClientOptions } from '../client-options';
import { printResult } from '../topic/print-result';
import { addGroupResetCommand } from './group-reset';
import { describeText, listText } from './group-text';
import { partitionsOf, readTopicChoices } from './topic-choices';

const STATES: readonly GroupState[] = [
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Reconciling',
  'Stable',
];
const TYPES: readonly GroupType[] = ['classic', 'consumer'];

interface ListOptions extends ClientOptions {
  readonly state?: readonly GroupState[];
  readonly type?: readonly GroupType[];
}

interface DeleteOffsetsOptions extends ClientOptions {
  readonly topic: readonly string[];
}

/** Adds the commands of consumer groups. */
export function addGroupCommand(program: Command, terminal: Terminal): void {
  const group = program
    .command('group')
    .description('list, show, reset and delete consumer groups');

  withClientOptions(group.command('list'))
    .description('list all consumer groups')
    .addOption(new Option('--state <state...>', 'only those in these states').choices(STATES))
    .addOption(new Option('--type <type...>', 'only those of these types').choices(TYPES))
    .action(async (options: ListOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const groups = await admin.listGroups({ states: options.state, types: options.type });
        await printResult(terminal, options, groups, () => listText(groups));
      });
    });

  withClientOptions(group.command('describe <name>'))
    .description('show the members of a group, its committed offsets and how far behind they are')
    .action(async (name: string, options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const found = await admin.describeGroup(name);
        await printResult(terminal, options, found, () => describeText(found));
      });
    });

  addGroupResetCommand(group, terminal);
  addDeletions(group, terminal);
}

function addDeletions(group: Command, terminal: Terminal): void {
  withClientOptions(group.command('delete <names...>'))
    .description('delete groups without members, their committed offsets and their pins')
    .action(async (names: string[], options: ClientOptions) => {
      const writer = new LineWriter(terminal.stdout);
      await withAdmin(options, terminal.signal, async (admin) => {
        for (const name of names) {
          await admin.deleteGroup(name);
          const line = JSON.stringify({ deleted: name });
          await writer.write(options.json === true ? line : `deleted ${name}`);
        }
        await writer.flush();
      });
    });

  withClientOptions(group.command('delete-offsets <name>'))
    .description('delete committed offsets of topics that no member of the group is subscribed to')
    .requiredOption('--topic <topic...>', 'of these topics, as in orders or orders:0,1')
    .action(async (name: string, options: DeleteOffsetsOptions) => {
      const choices = readTopicChoices(options.topic);
      await withAdmin(options, terminal.signal, async (admin) => {
        const partitions = await partitionsOf(admin, choices);
        await admin.deleteGroupOffsets(name, partitions);
        const result = { group: name, partitions };
        const text = `deleted the offsets of ${name} in ${options.topic.join(' ')}`;
        await printResult(terminal, options, result, () => text);
      });
    });
}
