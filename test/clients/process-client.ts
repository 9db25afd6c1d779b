// A client as a process that speaks lines of JSON, so that it can be written in any language.
//
// The process is started with the broker's HOST:PORT as its last argument, and says that it is
// ready:  {"ready":{"version":"2.2.4"}}
// Then it gets one command per line on stdin, with a number and the name of a method of
// `ClientCommands`, the fields of its request beside them:
//   {"id":7,"command":"listOffset","topic":"t","partition":0,"at":"latest"}
// and answers each with one line on stdout, in any order:
//   {"id":7,"result":42}      null where the method resolves with nothing
//   {"id":8,"error":{"code":36,"message":"Topic 't' already exists."}}
// `code` is Kafka's number of the error, or null. Bytes (keys, values, values of headers) are
// base64, a null stays null, offsets and times are numbers. Nothing else may be on stdout; stderr
// is free and shown when something fails. At the end of stdin it leaves its groups, closes what it
// opened and exits with 0.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  ClientError,
  type ClientCapabilities,
  type ClientCommands,
  type ClientDefinition,
  type ClientUnderTest,
  type ClusterSeen,
  type CommandName,
  type GroupSeen,
  type ReceivedRecord,
  type TopicPartition,
} from './client-under-test';

/** Until the ready line, and from the end of stdin to the exit. */
const START_MAX_MS = 60_000;
const STOP_MAX_MS = 30_000;
/** Until an answer; commands that wait say for how long themselves and get this much more. */
const ANSWER_MAX_MS = 60_000;
/** What is kept of stderr, from its end. */
const STDERR_KEPT = 8_192;

type Request<Name extends CommandName> = Parameters<ClientCommands[Name]>[0];

interface ReceivedLine {
  readonly ready?: { readonly version: string };
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number | null; readonly message: string };
}

interface WireRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  readonly timestampMs: number;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface ProcessClientOptions {
  readonly name: string;
  readonly capabilities: ClientCapabilities;
  /** Program and arguments; called when the client is started, so that it may look for them. */
  readonly command: () => readonly string[] | Promise<readonly string[]>;
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A client whose every instance is a process. */
export function processClient(options: ProcessClientOptions): ClientDefinition {
  return {
    name: options.name,
    capabilities: options.capabilities,
    start: ({ kafka }) => ProcessClient.start(options, kafka),
  };
}

function toBytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}

function toText(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64');
}

function receivedRecord(record: WireRecord): ReceivedRecord {
  return {
    ...record,
    key: toBytes(record.key),
    value: toBytes(record.value),
    headers: record.headers.map(({ name, value }) => ({ name, value: toBytes(value) })),
  };
}

/**
 * One process that is a client.
 *
 * Life: from `start` to `stop`. When it ends by itself, or says what is no JSON, every command
 * under way and every later one rejects with what it wrote to stderr.
 */
class ProcessClient implements ClientUnderTest {
  version = '';
  private nextId = 1;
  private readonly waiting = new Map<number, Waiting>();
  private failure: Error | undefined;
  private stderr = '';
  private readonly exited: Promise<readonly [code: number | null, signal: string | null]>;

  private constructor(
    private readonly clientName: string,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_KEPT);
    });
    // What is written to a process that is gone: its end says more.
    child.stdin.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve([code, signal]));
    });
  }

  static async start(options: ProcessClientOptions, bootstrap: string): Promise<ProcessClient> {
    const [program = '', ...args] = await options.command();
    const child = spawn(program, [...args, bootstrap], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const client = new ProcessClient(options.name, child);
    await client.becomeReady();
    return client;
  }

  async stop(): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MAX_MS);
    const [code, signal] = await this.exited;
    clearTimeout(timer);
    if (code !== 0) throw this.explain(`ended with ${signal ?? `exit code ${String(code)}`}`);
  }

  produce(request: Request<'produce'>): Promise<readonly number[] | null> {
    const records = request.records.map((record) => ({
      ...record,
      key: toText(record.key),
      value: toText(record.value),
      headers: record.headers.map(({ name, value }) => ({ name, value: toText(value) })),
    }));
    return this.ask('produce', { ...request, records });
  }

  produceTransaction = (request: Request<'produceTransaction'>): Promise<void> =>
    this.ask('produceTransaction', request);

  async read(request: Request<'read'>): Promise<readonly ReceivedRecord[]> {
    const records = await this.ask<readonly WireRecord[]>('read', request, request.withinMs);
    return records.map(receivedRecord);
  }

  async poll(request: Request<'poll'>): Promise<readonly ReceivedRecord[]> {
    const records = await this.ask<readonly WireRecord[]>('poll', request, request.withinMs);
    return records.map(receivedRecord);
  }

  join = (request: Request<'join'>): Promise<void> => this.ask('join', request);
  assignment = (request: Request<'assignment'>): Promise<readonly TopicPartition[]> =>
    this.ask('assignment', request);
  commit = (request: Request<'commit'>): Promise<void> => this.ask('commit', request);
  seek = (request: Request<'seek'>): Promise<void> => this.ask('seek', request);
  leave = (request: Request<'leave'>): Promise<void> => this.ask('leave', request);

  createTopic = (request: Request<'createTopic'>): Promise<void> =>
    this.ask('createTopic', request);
  deleteTopic = (request: Request<'deleteTopic'>): Promise<void> =>
    this.ask('deleteTopic', request);
  createPartitions = (request: Request<'createPartitions'>): Promise<void> =>
    this.ask('createPartitions', request);
  listTopics = (): Promise<readonly string[]> => this.ask('listTopics', {});
  describeTopic = (request: Request<'describeTopic'>): Promise<number> =>
    this.ask('describeTopic', request);
  describeConfigs = (
    request: Request<'describeConfigs'>,
  ): Promise<Readonly<Record<string, string>>> => this.ask('describeConfigs', request);
  alterConfigs = (request: Request<'alterConfigs'>): Promise<void> =>
    this.ask('alterConfigs', request);
  deleteRecords = (request: Request<'deleteRecords'>): Promise<void> =>
    this.ask('deleteRecords', request);
  listOffset = (request: Request<'listOffset'>): Promise<number> => this.ask('listOffset', request);
  describeCluster = (): Promise<ClusterSeen> => this.ask('describeCluster', {});

  listGroups = (): Promise<readonly string[]> => this.ask('listGroups', {});
  describeGroup = (request: Request<'describeGroup'>): Promise<GroupSeen> =>
    this.ask('describeGroup', request);
  deleteGroup = (request: Request<'deleteGroup'>): Promise<void> =>
    this.ask('deleteGroup', request);
  committed = (request: Request<'committed'>): Promise<number | null> =>
    this.ask('committed', request);
  alterCommitted = (request: Request<'alterCommitted'>): Promise<void> =>
    this.ask('alterCommitted', request);

  private becomeReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        clearTimeout(timer);
        this.fail(error);
        reject(error);
      };
      const timer = setTimeout(() => {
        fail(this.explain(`was not ready within ${START_MAX_MS / 1000} s`));
        this.child.kill('SIGKILL');
      }, START_MAX_MS);
      createInterface(this.child.stdout).on('line', (line) =>
        this.take(line, (version) => {
          clearTimeout(timer);
          this.version = version;
          resolve();
        }),
      );
      this.child.once('error', (error) => fail(this.explain(error.message)));
      void this.exited.then(([code, signal]) =>
        fail(this.explain(`ended with ${signal ?? `exit code ${String(code)}`}`)),
      );
    });
  }

  private ask<Result>(command: CommandName, request: object, waitsMs = 0): Promise<Result> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(this.explain(`did not answer ${command}`));
      }, ANSWER_MAX_MS + waitsMs);
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject, timer });
      this.child.stdin.write(`${JSON.stringify({ id, command, ...request })}\n`);
    });
  }

  private take(line: string, onReady: (version: string) => void): void {
    let said: ReceivedLine;
    try {
      said = JSON.parse(line) as ReceivedLine;
    } catch {
      this.fail(this.explain(`said what is no JSON: ${line.slice(0, 200)}`));
      return;
    }
    if (said.ready !== undefined) {
      onReady(said.ready.version);
      return;
    }
    const waiting = said.id === undefined ? undefined : this.waiting.get(said.id);
    if (waiting === undefined) {
      this.fail(this.explain(`answered what nobody asked: ${line.slice(0, 200)}`));
      return;
    }
    this.waiting.delete(said.id!);
    clearTimeout(waiting.timer);
    if (said.error === undefined) waiting.resolve(said.result);
    else waiting.reject(new ClientError(said.error.message, said.error.code));
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(this.failure);
    }
    this.waiting.clear();
  }

  private explain(what: string): ClientError {
    const heard = this.stderr === '' ? '' : `; it wrote:\n${this.stderr}`;
    return new ClientError(`${this.clientName} ${what}${heard}`, null);
  }
}
