// `walrusmq broker` as a process: its ready line, its signals, and why it does not start.
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CommandBroker, RunningCommand, newDirectory, run } from './command';

describe('walrusmq broker', () => {
  let broker: CommandBroker;
  beforeAll(async () => {
    broker = await CommandBroker.start();
  });
  afterAll(() => broker.remove());

  it('prints one line of JSON with the keys that scripts look for, and nothing else', async () => {
    const dataDir = newDirectory();
    // A stop that waits for anything would outlast the test.
    const args = ['--data-dir', dataDir, '--port', '0', '--stop-timeout-ms', '600000'];
    const command = new RunningCommand(['broker', ...args]);
    const ready = JSON.parse(await command.line()) as Record<string, unknown>;
    expect(ready).toEqual({
      event: 'ready',
      msgpack: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      websocket: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      kafka: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      dataDir,
    });
    const { code, stdout, stderr } = await command.end('SIGTERM');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    // The log goes to stderr.
    expect(stderr).toContain('broker ready');
    rmSync(dataDir, { recursive: true });
  });

  it('ends with 0 on Ctrl-C too', async () => {
    const dataDir = newDirectory();
    const command = new RunningCommand(['broker', '--data-dir', dataDir, '--port', '0']);
    await command.line();
    expect((await command.end('SIGINT')).code).toBe(0);
    rmSync(dataDir, { recursive: true });
  });

  it('creates its directory for its owner only, where the variable says', async () => {
    const parent = newDirectory();
    const dataDir = join(parent, 'made', 'here');
    const env = { WALRUS_DATA_DIR: dataDir };
    const command = new RunningCommand(['broker', '--port', '0'], env);
    await command.line();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect((await command.end('SIGTERM')).code).toBe(0);
    rmSync(parent, { recursive: true });
  });

  it('does not share its directory', async () => {
    const second = await run(['broker', '--data-dir', broker.dataDir, '--port', '0']);
    expect(second.code).toBe(1);
    expect(second.stdout).toBe('');
    expect(lastLine(second.stderr)).toMatch(/^walrusmq: .*another/);
    expect(second.stderr).toContain(broker.dataDir);
    // The first one goes on.
    expect((await broker.run(['topic', 'list', '--json'])).stdout).toBe('[]\n');
  });

  it('names the flag that helps when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const dataDir = newDirectory();
    const { code, stdout, stderr } = await run([
      ...[
        'broker',
        '--data-dir',
        dataDir,
        '--port',
        String(port),
        '--ws-port',
        '0',
        '--kafka-port',
        '0',
      ],
    ]);
    other.close();
    expect([code, stdout]).toEqual([1, '']);
    expect(lastLine(stderr)).toMatch(new RegExp(`^walrusmq: .*${port}.*--port`));
    rmSync(dataDir, { recursive: true });
  });

  it('refuses a directory of something else and leaves it as it is', async () => {
    const dataDir = newDirectory();
    writeFileSync(join(dataDir, 'thesis.txt'), 'important');
    const { code, stderr } = await run(['broker', '--data-dir', dataDir, '--port', '0']);
    expect(code).toBe(1);
    expect(lastLine(stderr)).toMatch(/^walrusmq: .*not a WalrusMQ data directory/);
    expect(statSync(join(dataDir, 'thesis.txt')).size).toBe(9);
    rmSync(dataDir, { recursive: true });
  });

  it.each([
    ['a port that is none', ['--port', '70000'], /--port is '70000'/],
    ['an unknown schedule', ['--fsync', 'sometimes'], /--fsync is 'sometimes'/],
    ['a Kafka port of no instance', ['--kafka-port', '=1'], /--kafka-port is '=1'/],
    ['a misspelt flag', ['--prot', '1'], /unknown option '--prot' \(Did you mean --port\?\)/],
    ['an address for everybody', ['--host', '0.0.0.0'], /--insecure/],
    ['an argument too many', ['now'], /too many arguments/],
  ])('exits with 2 and one line for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(['broker', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^walrusmq: [^\n]*\n$/);
  });

  it('lists every setting with its variable and default in its help', async () => {
    const { code, stdout } = await run(['broker', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--data-dir <\w+>\s+[^]*WALRUS_DATA_DIR/);
    expect(stdout).toMatch(/--fsync <\w+>\s+[^]*WALRUSMQ_FSYNC; default sync-each/);
  });
});

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
