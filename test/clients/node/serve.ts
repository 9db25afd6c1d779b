// A client of Node as a process that process-client.ts can drive: for packages that are not
// installed with the others, or want another Node.
//
//   tsx serve.ts ADAPTER FOLDER HOST:PORT      FOLDER has the node_modules with the client
import { createInterface } from 'node:readline';
import type { ClientUnderTest, CommandName, Header, ReceivedRecord } from '../client-under-test';
import { clientErrorOf } from './client-errors';

const ADAPTERS: Readonly<
  Record<string, (folder: string, address: string) => Promise<ClientUnderTest>>
> = {
  rdkafka: async (folder, address) =>
    (await import('./rdkafka-client.js')).startRdkafka(folder, address),
  platformatic: async (folder, address) =>
    (await import('./platformatic-client.js')).startPlatformatic(folder, address),
};

interface Command {
  readonly id: number;
  readonly command: CommandName;
  readonly records?: readonly WireRecord[];
}

interface WireRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
}

const toBytes = (text: string | null): Buffer | null =>
  text === null ? null : Buffer.from(text, 'base64');
const toText = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;

function headersAs<From, To>(
  headers: readonly { readonly name: string; readonly value: From }[],
  convert: (value: From) => To,
) {
  return headers.map(({ name, value }) => ({ name, value: convert(value) }));
}

function fromWire({ key, value, headers, ...rest }: WireRecord) {
  return {
    ...rest,
    key: toBytes(key),
    value: toBytes(value),
    headers: headersAs(headers, toBytes) satisfies Header[],
  };
}

function toWire({ key, value, headers, ...rest }: ReceivedRecord) {
  return { ...rest, key: toText(key), value: toText(value), headers: headersAs(headers, toText) };
}

async function answer(client: ClientUnderTest, { id, command, ...rest }: Command) {
  const { records, ...fields } = rest;
  const request = records === undefined ? fields : { ...fields, records: records.map(fromWire) };
  try {
    const result = await (client[command] as (request: object) => Promise<unknown>)(request);
    const isRead = command === 'read' || command === 'poll';
    return { id, result: isRead ? (result as ReceivedRecord[]).map(toWire) : (result ?? null) };
  } catch (error) {
    const { message, kafkaCode } = clientErrorOf(error);
    process.stderr.write(`${command}: ${error instanceof Error ? (error.stack ?? '') : ''}\n`);
    return { id, error: { code: kafkaCode, message } };
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main([name = '', folder = '', address = '']: readonly string[]): Promise<void> {
  const start = ADAPTERS[name];
  if (start === undefined) {
    throw new Error(`there is no adapter "${name}": ${Object.keys(ADAPTERS).join(', ')}`);
  }
  const client = await start(folder, address);
  say({ ready: { version: client.version } });
  for await (const line of createInterface(process.stdin)) {
    void answer(client, JSON.parse(line) as Command).then(say);
  }
  await client.stop();
}

void main(process.argv.slice(2)).then(
  // What a client leaves open must not keep the process: `stop` was told to close it.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    process.exit(1);
  },
);
