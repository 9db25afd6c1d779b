import fc from 'fast-check';
import { encodeFrame } from './encode-frame';
import { FrameDecoder } from './frame-decoder';
import { ProtocolError } from './protocol-error';
import {
  parseChangeSubscription,
  parseCredit,
  parseSubscribe,
  parseUnsubscribe,
  type SubscriptionOperations,
} from './subscription-operations';

type Fields = Readonly<Record<string, unknown>>;
type Name = keyof SubscriptionOperations;

const PARSERS: { readonly [name in Name]: (fields: Fields) => unknown } = {
  subscribe: parseSubscribe,
  changeSubscription: parseChangeSubscription,
  credit: parseCredit,
  unsubscribe: parseUnsubscribe,
};

function overTheWire<Of extends Name>(
  name: Of,
  request: SubscriptionOperations[Of]['request'],
): unknown {
  const stream = Buffer.concat(encodeFrame(name, 1, request));
  const [frame] = new FrameDecoder({ frameBytesMax: 1024 * 1024 }).push(stream);
  return PARSERS[name](frame!.fields);
}

/** Whether it ends in an object or in a ProtocolError. */
function isAnswered(run: () => unknown): boolean {
  try {
    return typeof run() === 'object';
  } catch (error) {
    return error instanceof ProtocolError;
  }
}

describe('requests of push delivery over the wire', () => {
  it('fill in every default', () => {
    expect(overTheWire('subscribe', { creditBytes: 0 })).toEqual({
      partitions: [],
      topicIds: new Map(),
      creditBytes: 0,
      format: 'batches',
    });
    expect(overTheWire('changeSubscription', { subscription: 1, add: null, pause: [] })).toEqual({
      subscription: 1,
      add: [],
      topicIds: new Map(),
      remove: [],
      pause: [],
      resume: [],
    });
  });

  it('keep what the client says', () => {
    const topicIds = [['a', 'id']] as const;
    const subscribe = {
      partitions: [['a', 3, Number.MAX_SAFE_INTEGER]] as const,
      topicIds,
      creditBytes: 0x7fffffff,
      format: 'records' as const,
    };
    const parsed = { topicIds: new Map(topicIds) };
    expect(overTheWire('subscribe', subscribe)).toEqual({ ...subscribe, ...parsed });
    const change = {
      subscription: 0xffffffff,
      add: [['a', 0, 1]] as const,
      topicIds,
      remove: [['b', 1]] as const,
      pause: [['c', 2]] as const,
      resume: [['d', 9_999]] as const,
    };
    expect(overTheWire('changeSubscription', change)).toEqual({ ...change, ...parsed });
    const credit = { subscription: 7, bytes: 1 };
    expect(overTheWire('credit', credit)).toEqual(credit);
    expect(overTheWire('unsubscribe', { subscription: 0 })).toEqual({ subscription: 0 });
  });

  it.each([
    ['subscribe', {}, 'subscribe.creditBytes must be an integer from 0 to 2147483647, got'],
    ['subscribe', { creditBytes: -1 }, 'subscribe.creditBytes'],
    ['subscribe', { creditBytes: 1, partitions: 'a' }, 'subscribe.partitions must be an array'],
    ['subscribe', { creditBytes: 1, partitions: [['a', 0]] }, 'subscribe.partitions[0]'],
    ['subscribe', { creditBytes: 1, format: 'xml' }, 'subscribe.format must be one of'],
    ['changeSubscription', {}, 'changeSubscription.subscription'],
    ['changeSubscription', { subscription: 1, pause: [['a', 1, 2]] }, '.pause[0]'],
    ['changeSubscription', { subscription: 1, add: [['a', 1]] }, '.add[0]'],
    ['credit', { subscription: 1, bytes: 0 }, 'credit.bytes must be an integer from 1'],
    ['credit', { subscription: 1, bytes: 1.5 }, 'credit.bytes'],
    ['unsubscribe', { subscription: 2 ** 32 }, 'unsubscribe.subscription'],
  ] as const)('are refused with the name of the field: %s %j', (name, fields, words) => {
    expect(() => PARSERS[name](fields)).toThrow(words);
    expect(() => PARSERS[name](fields)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error,
    );
  });

  it('never end otherwise than in a request or a ProtocolError', () => {
    const value = fc.anything({ withBigInt: false, withTypedArray: true, maxDepth: 3 });
    const names = ['partitions', 'creditBytes', 'format', 'subscription', 'add', 'pause', 'bytes'];
    const fields = fc.dictionary(fc.constantFrom(...names), value);
    const operation = fc.constantFrom(...(Object.keys(PARSERS) as Name[]));
    fc.assert(
      fc.property(operation, fields, (name, given) => {
        expect(isAnswered(() => PARSERS[name](given))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
