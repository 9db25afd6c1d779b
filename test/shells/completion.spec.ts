// `walrusmq completion`, by the shells themselves.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CommandBroker, newDirectory, run } from '../cli/command';

const COMMAND = join(__dirname, '..', '..', 'bin', 'walrusmq');

jest.setTimeout(60_000);

describe('walrusmq completion', () => {
  const folder = newDirectory();
  let broker: CommandBroker;
  beforeAll(async () => {
    broker = await CommandBroker.start();
    for (const name of ['orders', 'offers', 'parcels']) {
      await broker.run(['topic', 'create', name]);
    }
    await broker.run(['instance', 'create', 'eu']);
    await broker.run(['reader', 'create', 'audit', '--topic', 'orders', 'offers']);
    const names = ['$(touch ran)', '`touch ran`', 'two words', '-f', 'line\nbreak', "it's"];
    for (const name of ['billing', ...names]) {
      const flags = ['--topic', 'parcels', '--to-latest', '--execute', '--broker', broker.address];
      await run(['group', 'reset', ...flags, '--', name]);
    }
    // The command as somebody has it who installed it: by its name, on the PATH.
    mkdirSync(join(folder, 'bin'));
    const command = join(folder, 'bin', 'walrusmq');
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
    chmodSync(command, 0o755);
    writeFileSync(join(folder, 'two words.ndjson'), '');
  });
  afterAll(async () => {
    await broker.remove();
    rmSync(folder, { recursive: true });
  });

  async function shell(program: string, ...args: readonly string[]): Promise<string[]> {
    const PATH = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const env = { PATH, HOME: folder, WALRUSMQ_BROKER: broker.address };
    const { stdout, stderr } = await promisify(execFile)(program, args, { env, cwd: folder });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** What bash offers for a line, its words split as readline splits them. */
  function bash(...words: readonly string[]): Promise<string[]> {
    const script = `
      source <(walrusmq completion bash)
      complete -p walrusmq >/dev/null || exit 1
      COMP_WORDS=(walrusmq "$@"); COMP_CWORD=$#
      _walrusmq
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return shell('bash', '--norc', '-c', script, 'bash', ...words);
  }

  it('completes commands, flags, values and names in bash', async () => {
    expect(await bash('pro')).toEqual(['produce']);
    expect(await bash('topic', 'cre')).toEqual(['create']);
    expect(await bash('produce', '--comp')).toEqual(['--compression', '--compression-level']);
    expect(await bash('produce', '--compression', 's')).toEqual(['snappy']);
    expect(await bash('produce', '--compression', '=', 'z')).toEqual(['zstd']);
    expect(await bash('bench', '--acks', '=')).toEqual(['all', '1', '0']);
    expect(await bash('consume', 'o')).toEqual(['offers', 'orders']);
    expect(await bash('topic', 'describe', 'pa')).toEqual(['parcels']);
    expect(await bash('group', 'describe', '')).toEqual(['billing']);
    expect(await bash('consume', 'orders', '--reader', '')).toEqual(['audit']);
    expect(await bash('topic', 'list', '--instance', 'e')).toEqual(['eu']);
    expect(await bash('consume', '--broker', '127.0.0.1:1', 'o')).toEqual([]);
    expect(await bash('broker', '--data-d')).toEqual(['--data-dir']);
    expect(await bash('produce', 'orders', '--file', 'two')).toEqual(['two words.ndjson']);
  });

  it('offers no name that a shell would take for something else', async () => {
    const { stdout } = await broker.run(['group', 'list', '--json']);
    expect(JSON.parse(stdout)).toHaveLength(7);
    expect(await bash('group', 'describe', '')).toEqual(['billing']);
  });

  it('completes in fish', async () => {
    const fish = async (line: string): Promise<string[]> => {
      const script = 'walrusmq completion fish | source; complete -C "$argv[1]"';
      return (await shell('fish', '--no-config', '-c', script, line)).map(
        (found) => found.split('\t')[0] ?? '',
      );
    };
    expect(await fish('walrusmq pro')).toEqual(['produce']);
    expect(await fish('walrusmq topic ')).toContain('create');
    expect((await fish('walrusmq consume o')).sort()).toEqual(['offers', 'orders']);
    expect(await fish('walrusmq produce --compression=z')).toEqual(['--compression=zstd']);
    expect(await fish('walrusmq produce orders --file tw')).toEqual(['two words.ndjson']);
  });

  it('completes in zsh', async () => {
    // What the script asks of zsh's completion system, which only exists behind a terminal.
    const script = `
      compdef() { [[ $1 == _walrusmq && $2 == walrusmq ]] && defined=yes }
      _describe() { print -rl -- "\${(@P)@[-1]}" }
      _files() { print FILES }
      source <(walrusmq completion zsh)
      [[ $defined == yes ]] || exit 1
      words=(walrusmq "$@"); CURRENT=$#words
      _walrusmq || true`;
    const zsh = (...words: readonly string[]): Promise<string[]> =>
      shell('zsh', '-f', '-c', script, 'zsh', ...words);
    expect(await zsh('topic', 'cre')).toEqual(['create:create a topic']);
    expect(await zsh('consume', 'o')).toEqual(['offers:topic', 'orders:topic']);
    expect(await zsh('produce', '--compression=zs')).toEqual(['--compression=zstd:']);
    expect(await zsh('produce', '--file', '')).toEqual(['FILES']);
    expect(await zsh('consume', '--broker', '127.0.0.1:1', '')).toEqual([]);
  });

  it('tells what it knows when asked for another shell', async () => {
    const { code, stderr } = await run(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/bash, zsh, fish/);
  });
});
