import { ConsumerRecord } from '@walrusmq/client';
import { headLine, recordFormatter } from './record-format';

interface Parts {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly timestamp?: number;
  readonly headers?: readonly { readonly key: string; readonly value: Buffer | null }[];
}

function record({ key = null, value = null, timestamp = 0, headers = [] }: Parts): ConsumerRecord {
  return new ConsumerRecord('orders', 3, { offset: 17, timestamp, key, value, headers });
}

function json(parts: Parts): unknown {
  return JSON.parse(recordFormatter('json', 80)(record(parts)).toString()) as unknown;
}

describe('the format value', () => {
  it('is the bytes, and nothing for a tombstone', () => {
    const bytes = Buffer.from([0xff, 0x00]);
    expect(recordFormatter('value', 80)(record({ value: bytes }))).toBe(bytes);
    expect(recordFormatter('value', 80)(record({}))).toBe('');
    expect(headLine('value')).toBeUndefined();
  });
});

describe('the format json', () => {
  it('holds all of the record', () => {
    const headers = [{ key: 'trace', value: Buffer.from('7') }];
    const parts = {
      key: Buffer.from('ada'),
      value: Buffer.from('{"a":[1]}'),
      timestamp: 5,
      headers,
    };
    expect(json(parts)).toEqual({
      topic: 'orders',
      partition: 3,
      offset: 17,
      timestamp: 5,
      key: 'ada',
      value: { a: [1] },
      headers: { trace: '7' },
    });
  });

  it.each([
    ['text', Buffer.from('plain'), 'plain'],
    ['a number, which may be text as well', Buffer.from('7'), '7'],
    ['what only looks like JSON', Buffer.from('{nearly'), '{nearly'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe]), { base64: '//4=' }],
    ['nothing', null, null],
  ])('shows %s without changing it', (_, value, expected) => {
    expect(json({ value })).toMatchObject({ value: expected });
  });
});

describe('the format table', () => {
  it('fits the width and cuts what does not', () => {
    const row = recordFormatter(
      'table',
      100,
    )(record({ key: Buffer.from('k'.repeat(40)), value: Buffer.from('v'.repeat(200)) })).toString();
    expect(row).toHaveLength(100);
    expect(row).toMatch(/^ +3 +17 +1970-01-01T00:00:00\.000Z +k{19}… +v+…$/);
    expect(headLine('table')).toMatch(/^partition +offset +time +key +value$/);
  });

  it('lets nothing through that moves the cursor of a terminal', () => {
    const value = Buffer.from('a\u001b[2Jb\nc\u009b');
    const row = recordFormatter('table', 120)(record({ value, timestamp: -1 })).toString();
    expect(row).toMatch(/ - +- +a·\[2Jb·c·$/);
  });
});
