import fc from 'fast-check';
import { SerialisationError } from './errors';
import { decodeValue, encodeHeaders, encodeKey, encodeValue, JSON_HEADERS } from './serialisation';
import { DEFAULT_ENCODING } from './serialisers';

describe('values', () => {
  it('come back as they were written, whatever JSON they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(typeof value !== 'string' && value !== null);
        const bytes = encodeValue(value);
        const headers = encodeHeaders(undefined, DEFAULT_ENCODING.headers(value)) ?? [];
        expect(decodeValue(bytes, headers)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('of text and bytes are written without a header and read as bytes', () => {
    const text = 'grüße 🌊';
    expect(encodeHeaders(undefined, DEFAULT_ENCODING.headers(text))).toBeUndefined();
    expect(decodeValue(encodeValue(text), [])).toEqual(Buffer.from(text));
    const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    expect(encodeValue(view)).toEqual(Buffer.from([1, 2]));
    expect(encodeValue(null)).toBeNull();
    expect(decodeValue(null, [])).toBeNull();
  });

  it.each([undefined, () => 1, Symbol('s'), 10n])('without a JSON are refused', (value) => {
    expect(() => encodeValue(value)).toThrow(SerialisationError);
  });

  it('are parsed for every JSON content type, and for no other', () => {
    const typed = (type: string): unknown =>
      decodeValue(Buffer.from('[1]'), [{ key: 'content-type', value: Buffer.from(type) }]);
    expect(typed('application/json')).toEqual([1]);
    expect(typed('application/vnd.order+json; v=1')).toEqual([1]);
    expect(typed('application/jsonl')).toEqual(Buffer.from('[1]'));
    expect(typed('')).toEqual(Buffer.from('[1]'));
  });
});

describe('headers and keys', () => {
  it('keep a content type the program gave', () => {
    const headers = encodeHeaders(
      { 'content-type': 'application/vnd.a+json', x: null },
      JSON_HEADERS,
    );
    expect(headers?.map(({ key, value }) => [key, value?.toString()])).toEqual([
      ['content-type', 'application/vnd.a+json'],
      ['x', undefined],
    ]);
  });

  it('tell no key from an empty one', () => {
    expect(encodeKey(undefined)).toBeNull();
    expect(encodeKey(null)).toBeNull();
    expect(encodeKey('')).toEqual(Buffer.alloc(0));
  });
});
