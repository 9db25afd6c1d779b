// One connection that sends mutated requests to a Kafka listener and judges what it is answered.
import { connect } from 'node:net';
import { decodeResponse, findApi, kafkaErrorName, type ApiCodec } from '@walrusmq/kafka-protocol';
import type { SeededRandom } from '../crash/seeded-random';
import { pause, sendAll } from './fuzz-peer';
import type { ReplyCounts } from './fuzz-run';

const PREFIX_BYTES = 4;
const KEY_POSITION = 4;
const VERSION_POSITION = 6;
const CORRELATION_POSITION = 8;
const PRODUCE_KEY = 0;
const API_VERSIONS_KEY = 18;
const UNKNOWN_SERVER_ERROR = -1;
/** What is answered when other members came: JoinGroup and SyncGroup. */
const WAITING_KEYS: readonly number[] = [11, 14];
/** How long they are waited for. */
const WAIT_MS = 5_000;

/** What one connection sends: whole requests first, then at most one that breaks the stream. */
export interface KafkaScript {
  readonly frames: readonly Buffer[];
  readonly breaker: Buffer | undefined;
}

interface Expected {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
}

/**
 * Plays a script and resolves when the broker has closed the connection.
 *
 * Kafka's protocol has no word for bytes that are no request: the broker closes the connection, and
 * what comes behind them is not answered.
 *
 * @throws {Error} What the broker answered is wrong: UNKNOWN_SERVER_ERROR, bytes that are no
 *   response to the request, an answer out of order or to nothing.
 */
export async function playKafka(
  script: KafkaScript,
  address: string,
  random: SeededRandom,
  counts: ReplyCounts,
): Promise<void> {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  const socket = connect({ host: address.slice(0, at), port, noDelay: true });
  const judge = new Judge(stamped(script.frames, random), counts);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    // The broker closes with bytes unread where they are behind bad ones.
    socket.on('error', () => undefined);
  });
  socket.on('data', (data) => judge.receive(data));
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  await sendAll(
    socket,
    Buffer.concat([...script.frames, script.breaker ?? Buffer.alloc(0)]),
    random,
  );
  socket.end();
  const isOver = await Promise.race([closed.then(() => true), pause(WAIT_MS)]);
  // A join waits for as long as the members of its group may take to come, and the broker does not
  // read on, nor sees that nobody waits any more, where two long lists were asked for behind it.
  if (isOver !== true && judge.isWaitingForMembers) socket.destroy();
  await closed;
  judge.finish();
}

/** Gives the requests ids of their own, so that an answer tells which it is to. */
function stamped(frames: readonly Buffer[], random: SeededRandom): Expected[] {
  const first = random.pick([0, 1, 0x7fff_ffff - frames.length, -1_000]);
  return frames.map((frame, i) => {
    frame.writeInt32BE(first + i, CORRELATION_POSITION);
    const apiKey = frame.readInt16BE(KEY_POSITION);
    return { apiKey, version: frame.readInt16BE(VERSION_POSITION), correlationId: first + i };
  });
}

/** Holds the answers of one connection against what was sent. */
class Judge {
  private held = Buffer.alloc(0);
  private failure: Error | undefined;

  constructor(
    private readonly expected: Expected[],
    private readonly counts: ReplyCounts,
  ) {}

  receive(data: Buffer): void {
    this.held = Buffer.concat([this.held, data]);
    try {
      while (this.held.length >= PREFIX_BYTES) {
        const end = PREFIX_BYTES + this.held.readInt32BE(0);
        if (this.held.length < end) return;
        this.answer(this.held.subarray(PREFIX_BYTES, end));
        this.held = this.held.subarray(end);
      }
    } catch (error) {
      this.failure ??= error as Error;
    }
  }

  /** Whether the next answer may have to wait for other members of a group. */
  get isWaitingForMembers(): boolean {
    const next = this.expected.find(({ apiKey }) => apiKey !== PRODUCE_KEY);
    return next !== undefined && WAITING_KEYS.includes(next.apiKey);
  }

  /** @throws {Error} The first thing that was wrong. */
  finish(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.held.length > 0) throw new Error('half an answer came before the end');
    this.count(this.expected.length === 0 ? 'all answered' : 'closed');
  }

  private answer(body: Buffer): void {
    const { apiKey, version, correlationId } = this.next(body.readInt32BE(0));
    const codec = findApi(apiKey)?.codec;
    if (codec === undefined) throw new Error(`API ${apiKey}, which there is not, was answered`);
    const isOther = version < codec.minVersion || version > codec.maxVersion;
    if (isOther && apiKey !== API_VERSIONS_KEY) {
      throw new Error(`${codec.name} version ${version} was answered`);
    }
    const typed = codec as unknown as ApiCodec<unknown, unknown>;
    const { response } = decodeResponse(typed, isOther ? 0 : version, body);
    const code = errorIn(response);
    if (code === UNKNOWN_SERVER_ERROR) {
      const shown = JSON.stringify(response).slice(0, 500);
      throw new Error(`${codec.name} version ${version} (${correlationId}) was answered ${shown}`);
    }
    this.count(code === 0 ? 'ok' : (kafkaErrorName(code) ?? `error ${code}`));
  }

  /** The request that is answered; produce requests with acks 0 before it have no answer. */
  private next(correlationId: number): Expected {
    for (let next = this.expected.shift(); next !== undefined; next = this.expected.shift()) {
      if (next.correlationId === correlationId) return next;
      if (next.apiKey !== PRODUCE_KEY) {
        throw new Error(`answered ${correlationId} in the place of ${next.correlationId}`);
      }
    }
    throw new Error(`answered ${correlationId}, which was not asked`);
  }

  private count(reply: string): void {
    this.counts.set(reply, (this.counts.get(reply) ?? 0) + 1);
  }
}

/** The first error in a response, the worst of all before others; 0 where there is none. */
function errorIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return 0;
  let first = 0;
  for (const [key, each] of Object.entries(value)) {
    const code = key === 'errorCode' ? Number(each) : errorIn(each);
    if (code === UNKNOWN_SERVER_ERROR) return code;
    if (first === 0) first = code;
  }
  return first;
}
