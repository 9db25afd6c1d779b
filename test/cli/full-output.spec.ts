// Output that cannot be written: `walrusmq consume orders > FILE` on a disk that is full.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { COMMAND, CommandBroker } from './command';

jest.setTimeout(60_000);

/** Linux's file that answers every write with ENOSPC. */
const FULL = '/dev/full';

let broker: CommandBroker;
beforeAll(async () => {
  broker = await CommandBroker.start();
  await broker.run(['topic', 'create', 'orders']);
  await broker.run(['produce', 'orders', '--count', '2000', '--size', '500']);
});
afterAll(() => broker.remove());

it.each([
  ['--help'],
  ['completion bash'],
  ['topic list BROKER'],
  ['topic describe orders --json BROKER'],
  ['consume orders --from-beginning --exit-at-end BROKER'],
  ['consume orders --from-beginning --max 1 BROKER'],
  ['reader read audit orders BROKER'],
  ['produce orders --count 1 --json BROKER'],
])('walrusmq %s says in one line that it could not write, and fails', async (line) => {
  const args = line.replace('BROKER', `--broker ${broker.address}`).split(' ');
  const full = openSync(FULL, 'w');
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  if (child.stderr === null) throw new Error('there is no stderr');
  const ended = once(child, 'close');
  const errors = await text(child.stderr);
  const message = /^(?:1 record .*\n)?walrusmq: cannot write to standard output: ENOSPC[^\n]*\n$/;
  expect(errors).toMatch(message);
  expect(await ended).toEqual([1, null]);
});
