import { Argument, Command, Option } from 'commander';
import { completeWords } from './complete-words';

const program = new Command('walrusmq');
program
  .command('produce <topic>')
  .description('send records')
  .option('--broker <host:port>', 'address')
  .option('--file <path>', 'input')
  .option('--json', 'for scripts')
  .addOption(new Option('--acks <acks>', 'when to answer').choices(['all', '1', '0']))
  .addOption(new Option('--secret <x>', 'not shown').hideHelp());
const topic = program.command('topic').description('topics');
topic.command('create <name>').description('make one');
topic.command('delete <name>').description('remove one');
topic.command('list').description('show them');
const reader = program.command('reader').description('named readers');
const connected = (command: Command): Command => command.option('--broker <host:port>', 'address');
connected(reader.command('create <reader>')).option('--topic <name...>', 'where');
connected(reader.command('reset <reader>')).option('--copy-from <reader>', 'another');
reader.command('read <reader> <topic>').description('the next records');
const group = program.command('group').description('consumer groups');
connected(group.command('delete <names...>')).option('--instance <key>', 'where');
program.command('instance').command('open <key>').description('try again');
connected(program.command('consume <topic>'))
  .option('--group <name>', 'as a member')
  .option('--reader <name>', 'as a reader');
program
  .command('wal')
  .command('dump [directory]')
  .option('--data-dir <dir>', 'the directory')
  .option('--topic <name>', 'of the directory');
program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
program.command('__complete', { hidden: true });

const NAMES = {
  topic: ['orders', 'offers', 'parcels'],
  group: ['billing'],
  reader: ['audit', 'archive'],
  instance: ['default', 'eu'],
};

/** Completes a line, cut at blanks; a blank at its end begins a new word. */
async function complete(line: string) {
  const asked: Record<string, string>[] = [];
  const { candidates, takesFiles } = await completeWords(
    program,
    line.split(' '),
    (kind, flags) => {
      asked.push(Object.fromEntries(flags));
      return Promise.resolve(NAMES[kind]);
    },
  );
  return { values: candidates.map(({ value }) => value), takesFiles, asked };
}

describe('completeWords', () => {
  const LINES: readonly (readonly [line: string, values: readonly string[]])[] = [
    [
      '',
      [
        ...['produce', 'topic', 'reader', 'group', 'instance', 'consume'],
        ...['wal', 'completion', 'help'],
      ],
    ],
    ['top', ['topic']],
    ['topic ', ['create', 'delete', 'list', 'help']],
    ['topic de', ['delete']],
    ['topic delete o', ['orders', 'offers']],
    ['topic delete orders ', []],
    ['topic create o', []],
    ['topic list ', []],
    ['produce --', ['--broker', '--file', '--json', '--acks', '--help']],
    ['produce orders --a', ['--acks']],
    ['produce --acks ', ['all', '1', '0']],
    ['produce --acks a', ['all']],
    ['produce --acks=a', ['--acks=all']],
    ['produce --acks =', ['all', '1', '0']],
    ['produce --acks = a', ['all']],
    ['produce --acks all pa', ['parcels']],
    ['produce --json o', ['orders', 'offers']],
    ['produce -- --', []],
    ['produce --broker ', []],
    ['reader reset ', ['audit', 'archive']],
    ['reader create ', []],
    ['reader create new --topic o', ['orders', 'offers']],
    ['reader reset audit --copy-from ar', ['archive']],
    ['reader read audit o', ['orders', 'offers']],
    ['group delete billing ', ['billing']],
    ['group delete --instance e', ['eu']],
    ['group delete --instance=e', ['--instance=eu']],
    ['instance open ', ['default', 'eu']],
    ['consume --group ', ['billing']],
    ['consume --reader a', ['audit', 'archive']],
    ['wal dump --topic ', []],
    ['completion ', ['bash', 'zsh']],
    ['completion z', ['zsh']],
    ['nonsense ', []],
    ['nonsense --x ', []],
  ];
  it.each(LINES)('offers for "%s" %j', async (line, values) => {
    expect(await complete(line)).toMatchObject({ values, takesFiles: false });
  });

  it.each(['produce --file ', 'wal dump --data-dir x', 'wal dump ', 'wal dump di'])(
    'leaves "%s" to the names of files',
    async (line) => {
      expect(await complete(line)).toMatchObject({ values: [], takesFiles: true });
    },
  );

  it('asks for names once they are wanted only, of the broker that the line names', async () => {
    expect((await complete('topic ')).asked).toEqual([]);
    expect((await complete('produce --acks ')).asked).toEqual([]);
    for (const flags of ['--broker h:1', '--broker=h:1', '--broker = h:1']) {
      const { asked } = await complete(`produce ${flags} --json o`);
      expect(asked).toEqual([{ broker: 'h:1' }]);
    }
  });

  it('says what a command and a flag are for', async () => {
    const none = () => Promise.resolve([]);
    const { candidates } = await completeWords(program, ['topic', 'c'], none);
    expect(candidates).toEqual([{ value: 'create', description: 'make one' }]);
    const flags = await completeWords(program, ['produce', '--j'], none);
    expect(flags.candidates).toEqual([{ value: '--json', description: 'for scripts' }]);
  });
});
