// One connection that sends mutated frames, over TCP or WebSocket, and judges what it is answered.
import { connect, type Socket } from 'node:net';
import { ERROR_TABLE, EVENT_KIND, FrameDecoder, FrameError, encodeFrame } from '@walrusmq/protocol';
import type { SeededRandom } from '../crash/seeded-random';
import type { ReplyCounts } from './fuzz-run';

const FRAME_BYTES_MAX = 64 * 1024 * 1024;
const PREFIX_BYTES = 4;
const KEY = 'AAAAAAAAAAAAAAAAAAAAAA==';
/** How long answers over WebSocket are waited for. */
const WAIT_MS = 500;
const HELLO = Buffer.concat(encodeFrame('hello', 0, { protocol: [1, 1], client: 'fuzz' }));

/** What one connection sends: whole frames first, then at most one that breaks the stream. */
export interface Script {
  /** Frames that a decoder takes, each alone. */
  readonly frames: readonly Buffer[];
  readonly breaker: Buffer | undefined;
  readonly isGreeted: boolean;
  readonly overWebSocket: boolean;
}

/** Whether a decoder takes these bytes as one frame and nothing else. */
export function isWhole(bytes: Buffer): boolean {
  const decoder = new FrameDecoder({ frameBytesMax: FRAME_BYTES_MAX });
  try {
    return decoder.push(bytes).length === 1 && decoder.bufferedBytes === 0;
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return false;
  }
}

/**
 * Plays a script and resolves when the broker has closed the connection.
 *
 * @throws {Error} What the broker answered is wrong: INTERNAL, an unknown code, an answer out of
 *   order, fewer answers than frames.
 */
export async function play(
  script: Script,
  addresses: { readonly msgpack: string; readonly websocket: string },
  random: SeededRandom,
  counts: ReplyCounts,
): Promise<void> {
  const address = script.overWebSocket ? addresses.websocket : addresses.msgpack;
  const socket = connect({ host: '127.0.0.1', port: Number(address.split(':')[1]), noDelay: true });
  const judge = new Judge(script, counts);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    // What was lost with it, the judge misses.
    socket.on('error', (error) => judge.note(error));
  });
  const receive = script.overWebSocket ? messagesTo(judge) : (data: Buffer) => judge.receive(data);
  socket.on('data', receive);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  await sendAll(socket, bytesOf(script, random, address), random);
  if (script.overWebSocket) {
    // A WebSocket that is closed gets no more answers, so they are waited for; not all long polls.
    if (script.breaker === undefined) await Promise.race([judge.satisfied, closed, pause(WAIT_MS)]);
    socket.write(webSocketFrame(0x88, Buffer.from([3, 0xe8])));
  }
  socket.end();
  await closed;
  judge.finish();
}

function bytesOf(script: Script, random: SeededRandom, address: string): Buffer {
  const { isGreeted, frames, breaker, overWebSocket } = script;
  const sent = [...(isGreeted ? [HELLO] : []), ...frames];
  if (!overWebSocket) return Buffer.concat([...sent, breaker ?? Buffer.alloc(0)]);
  const upgrade =
    `GET / HTTP/1.1\r\nHost: ${address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`;
  const messages = sent.flatMap((frame) => fragments(frame.subarray(PREFIX_BYTES), random));
  // Half of the bad ones are bad messages, the others no messages at all.
  const bad = breaker === undefined || random.chance(0.5) ? [] : fragments(breaker, random);
  return Buffer.concat([Buffer.from(upgrade), ...messages, ...bad, breaker ?? Buffer.alloc(0)]);
}

/** One message in one to three frames of RFC 6455. */
function fragments(body: Buffer, random: SeededRandom): Buffer[] {
  const cut = random.between(0, body.length);
  if (random.chance(0.7)) return [webSocketFrame(0x82, body)];
  const ping = random.chance(0.3) ? [webSocketFrame(0x89, Buffer.alloc(5))] : [];
  return [
    webSocketFrame(0x02, body.subarray(0, cut)),
    ...ping,
    webSocketFrame(0x80, body.subarray(cut)),
  ];
}

/** A client's frame, masked with zeros. */
function webSocketFrame(firstByte: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head[0] = firstByte;
  if (payload.length < 126) {
    head[1] = 0x80 | payload.length;
    return Buffer.concat([head.subarray(0, 6), payload]);
  }
  if (payload.length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(payload.length, 2);
    return Buffer.concat([head.subarray(0, 8), payload]);
  }
  head[1] = 0x80 | 127;
  head.writeUInt32BE(payload.length, 6);
  return Buffer.concat([head, payload]);
}

/** Resolves so much later; keeps no process alive. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** In one write, in a few cut anywhere, or byte after byte. */
export async function sendAll(socket: Socket, bytes: Buffer, random: SeededRandom): Promise<void> {
  const style = random.between(0, 19);
  const isTrickling = style === 0 && bytes.length < 400;
  const cuts = isTrickling ? bytes.length : style < 6 ? random.between(1, 3) : 0;
  const places = Array.from({ length: cuts }, (_, i) =>
    isTrickling ? i : random.between(0, bytes.length),
  ).sort((a, b) => a - b);
  let start = 0;
  for (const end of [...places, bytes.length]) {
    if (socket.destroyed) return;
    socket.write(bytes.subarray(start, end));
    start = end;
    if (cuts > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Takes the messages out of what a WebSocket sends, and gives them on as frames. */
function messagesTo(judge: Judge): (data: Buffer) => void {
  let held = Buffer.alloc(0);
  let message: Buffer[] = [];
  let isUpgraded = false;
  return (data) => {
    held = Buffer.concat([held, data]);
    if (!isUpgraded) {
      const end = held.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!held.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        judge.fail(new Error(`no upgrade: ${held.toString('latin1', 0, 200)}`));
        return;
      }
      isUpgraded = true;
      held = held.subarray(end + 4);
    }
    for (;;) {
      const frame = firstFrame(held);
      if (frame === undefined) return;
      held = held.subarray(frame.end);
      if (frame.opcode >= 8) continue;
      message.push(frame.payload);
      if (!frame.isLast) continue;
      const body = Buffer.concat(message);
      message = [];
      const prefix = Buffer.alloc(PREFIX_BYTES);
      prefix.writeUInt32BE(body.length);
      judge.receive(Buffer.concat([prefix, body]));
    }
  };
}

function firstFrame(
  bytes: Buffer,
): { opcode: number; isLast: boolean; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + length;
  if (bytes.length < end) return undefined;
  const [first = 0] = bytes;
  return { opcode: first & 15, isLast: first >= 128, payload: bytes.subarray(start, end), end };
}

/** Holds the answers of one connection against what was sent. */
class Judge {
  private readonly decoder = new FrameDecoder({ frameBytesMax: FRAME_BYTES_MAX });
  /** Correlation ids of the frames that are to be answered, in their order. */
  private readonly expected: number[] = [];
  readonly notes: string[] = [];
  /** Resolves when all frames were answered. */
  readonly satisfied: Promise<void>;
  private satisfy: () => void = () => undefined;
  private hasEnded = false;
  private failure: Error | undefined;

  constructor(
    private readonly script: Script,
    private readonly counts: ReplyCounts,
  ) {
    this.satisfied = new Promise((resolve) => (this.satisfy = resolve));
    const decoder = new FrameDecoder({ frameBytesMax: FRAME_BYTES_MAX });
    if (script.isGreeted) this.expected.push(0);
    for (const bytes of script.frames) {
      for (const { kind, correlationId, fields } of decoder.push(bytes)) {
        // A produce with acks 0 has no answer.
        if (kind !== 'produce' || fields.acks !== 0) this.expected.push(correlationId);
      }
    }
  }

  receive(data: Buffer): void {
    try {
      for (const { kind, correlationId, fields } of this.decoder.push(data)) {
        if (kind !== EVENT_KIND) this.reply(kind, correlationId, fields);
      }
    } catch (error) {
      this.fail(error as Error);
    }
  }

  fail(error: Error): void {
    this.failure ??= error;
  }

  /** What happened to the connection, for whoever reads a failure. */
  note({ message }: Error): void {
    this.notes.push(message);
  }

  /** @throws {Error} The first thing that was wrong. */
  finish(): void {
    if (this.failure !== undefined) throw this.failure;
    const { isGreeted, overWebSocket, frames, breaker } = this.script;
    // A script that is not greeted ends at its first frame, unless that is a hello.
    if (this.hasEnded || this.expected.length === 0 || !isGreeted) return;
    // A WebSocket is closed at once, whatever is still worked on.
    if (overWebSocket) return;
    const sent = [...frames, breaker ?? Buffer.alloc(0)].map((frame) =>
      frame.toString('hex', 0, 200),
    );
    throw new Error(
      `${this.expected.join()} were not answered (${this.notes.join()}) of\n${sent.join('\n')}`,
    );
  }

  private reply(kind: string, id: number, fields: Readonly<Record<string, unknown>>): void {
    const code = kind === 'error' ? String(fields.code) : kind;
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    if (code === 'INTERNAL' || (kind === 'error' && !(code in ERROR_TABLE))) {
      throw new Error(`answered ${code}: ${String(fields.message)}`);
    }
    if (this.hasEnded) throw new Error(`answered ${code} behind the end`);
    const next = this.expected.shift();
    if (code === 'HELLO_REQUIRED') this.hasEnded = true;
    if (this.expected.length === 0) this.satisfy();
    if (next !== undefined) {
      if (next !== id) throw new Error(`answered ${id} (${code}) in the place of ${next}`);
      return;
    }
    // Only the broken stream itself is left to be answered.
    if (id !== 0 || kind !== 'error')
      throw new Error(`answered ${code} to ${id}, which was not sent`);
    this.hasEnded = true;
  }
}
