// `walrusmq instance open` against a broker whose instance could not be opened at its start.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { main } from '@walrusmq/cli';
import { newDirectory } from './command';
import { FakeTerminal } from './fake-terminal';

describe('walrusmq instance open', () => {
  let broker: RunningBroker;
  let dataDir: string;

  const start = async (): Promise<void> => {
    broker = await startBroker({ dataDir, port: 0, wsPort: 0, logLevel: 'silent' });
  };
  beforeEach(async () => {
    dataDir = newDirectory();
    await start();
  });
  afterEach(async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const run = async (line: string): Promise<{ code: number; output: string; errors: string }> => {
    const terminal = new FakeTerminal();
    const address = broker.addresses.msgpack ?? '';
    const code = await main([...line.split(' '), '--broker', address], terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  };
  const client = async (line: string): Promise<string> => {
    const { code, output, errors } = await run(line);
    expect({ line, code, errors }).toEqual({ line, code: 0, errors: '' });
    return output;
  };

  it('says why one still cannot be opened, and opens it once that is mended', async () => {
    await client('instance create orders --fsync 50ms');
    await client('topic create clicks --instance orders');
    await broker.stop();
    renameSync(join(dataDir, 'orders'), `${dataDir}-away`);
    await start();
    // Others than the default one are opened once the broker is ready.
    while ((await client('instance list')).includes('opening'));

    const refused = await run('instance open orders');
    expect([refused.code, refused.output]).toEqual([1, '']);
    expect(refused.errors).toMatch(/^walrusmq: INSTANCE_FAILED: .*orders.* is gone[^\n]*\n$/);
    expect((await run('topic list --instance orders')).errors).toMatch(/INSTANCE_FAILED.*is gone/);
    expect(await client('instance list')).toMatch(/│ orders +│ failed +│/);

    renameSync(`${dataDir}-away`, join(dataDir, 'orders'));
    const opened = await client('instance open orders');
    expect(opened).toMatch(/^orders \(id [0-9a-f]+\)\nopen\n/);
    expect(opened).toMatch(/│ fsync +│ 50ms +│ instance/);
    expect(await client('topic list --instance orders')).toMatch(/│ clicks +│ 1/);
  });

  it('leaves one alone that is open, its clients too', async () => {
    await client('instance create orders --quota requests=500');
    const before = JSON.parse(await client('instance describe orders --json')) as object;
    const after = JSON.parse(await client('instance open orders --json')) as object;
    expect(after).toMatchObject({
      ...before,
      // Both have asked since.
      use: expect.any(Object) as object,
      connections: expect.any(Number) as number,
      disk: expect.any(Object) as object,
    });
    expect(await client('instance list')).toMatch(/│ orders +│ open +│/);
  });

  it('knows the default instance, and no key that does not exist', async () => {
    expect(await client('instance open default')).toMatch(/^default \(id [0-9a-f]+\)\nopen\n/);
    const refused = await run('instance open nowhere');
    expect(refused).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringMatching(/UNKNOWN_INSTANCE.*`walrusmq instance list`/) as string,
    });
  });
});
