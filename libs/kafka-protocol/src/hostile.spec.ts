// Bytes that nobody honest would send. Whatever they are, decoding ends soon and either refuses
// them by a KafkaCodecError or gives a message with no more in it than they can hold.
import { allMessages, type TestedMessage } from '../testing/all-messages';
import { sampleMessage } from '../testing/sample-message';
import { KafkaCodecError, type KafkaCodecErrorCode } from './kafka-codec-error';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

jest.setTimeout(120_000);

const SEED = Number(process.env.WALRUSMQ_TEST_SEED ?? Date.now() % 1_000_000);
const MUTATIONS = Number(process.env.KAFKA_CODEC_MUTATIONS ?? 40);

/** What replaces bytes of a frame: lengths and counts that are none. */
const SPOILS = [
  ...['7fffffff', '80000000', 'ffffffff', 'fffffffe', '7fff', '8000', 'ffff', '00', 'ff', '80'],
  ...['ffffffff0f', 'ffffffff7f', 'ffffffffff01', '8080808010', '808000', '01', 'feffffff0f'],
].map((hex) => Buffer.from(hex, 'hex'));

/** Mulberry32: small, and the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function encoded({ message, codec }: TestedMessage, version: number): Buffer {
  const writer = new WireWriter();
  codec.write(writer, sampleMessage(message, version, 'full') as never, version);
  return Buffer.concat(writer.finish());
}

interface Outcome {
  readonly code: KafkaCodecErrorCode | undefined;
  /** Everything that was allocated: objects, their fields and the elements of arrays. */
  readonly values: number;
  readonly isInside: boolean;
}

function valuesIn(value: unknown): number {
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + valuesIn(one), 1);
}

/** Decodes bytes that lie in the middle of others, as frames do in what a socket gives. */
function decode({ codec }: TestedMessage, version: number, bytes: Buffer): Outcome {
  const around = Buffer.alloc(bytes.length + 128, 0x01);
  bytes.copy(around, 64);
  const reader = new WireReader(around, 64, 64 + bytes.length);
  const isInside = (): boolean => reader.position >= 64 && reader.position <= 64 + bytes.length;
  try {
    const values = valuesIn(codec.read(reader, version));
    return { code: undefined, values, isInside: isInside() };
  } catch (error) {
    if (!(error instanceof KafkaCodecError)) throw error;
    return { code: error.code, values: 0, isInside: isInside() };
  }
}

function mutate(bytes: Buffer, next: (below: number) => number): Buffer {
  const at = next(bytes.length);
  const spoil = SPOILS[next(SPOILS.length)]!;
  const mutated = Buffer.from(bytes);
  switch (next(4)) {
    case 0:
      mutated[at] = mutated[at]! ^ (1 << next(8));
      return mutated;
    case 1:
      spoil.copy(mutated, at);
      return mutated;
    case 2:
      return Buffer.concat([bytes.subarray(0, at), spoil, bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + next(4))]);
  }
}

const MESSAGES = allMessages().map((tested) => [tested.name, tested] as const);

describe('a message that ends too early', () => {
  it.each(MESSAGES)('is refused at each of its bytes: %s', (_, tested) => {
    for (const version of tested.versions) {
      const bytes = encoded(tested, version);
      const taken: number[] = [];
      for (let length = 0; length < bytes.length; length++) {
        const { code, isInside } = decode(tested, version, bytes.subarray(0, length));
        if (code !== 'TRUNCATED' || !isInside) taken.push(length);
      }
      expect({ version, taken }).toEqual({ version, taken: [] });
    }
  });
});

describe('a message that was spoilt', () => {
  beforeAll(() => {
    process.stderr.write(`seed ${SEED} (WALRUSMQ_TEST_SEED)\n`);
  });

  it.each(MESSAGES)('is refused, or holds no more than its bytes can: %s', (name, tested) => {
    const next = random(SEED + name.length);
    // A struct of n bytes at least has at most this many fields, defaults among them.
    const valuesPerByte = 40;
    for (const version of tested.versions) {
      const bytes = encoded(tested, version);
      const unsound: string[] = [];
      for (let i = 0; bytes.length > 0 && i < MUTATIONS; i++) {
        let mutated = mutate(bytes, next);
        if (mutated.length > 0 && next(3) === 0) mutated = mutate(mutated, next);
        const { values, isInside } = decode(tested, version, mutated);
        const isBounded = values <= valuesPerByte * (mutated.length + 8);
        if (!isInside || !isBounded) unsound.push(mutated.toString('hex'));
      }
      expect({ version, unsound }).toEqual({ version, unsound: [] });
    }
  });
});
