import { isPayload, makePayloads, PAYLOAD_COUNT, payloadBytes } from './payloads';

describe('payloads', () => {
  const payloads = makePayloads();

  it('are of 500 to 1,024 bytes, of many sizes', () => {
    const sizes = payloads.map(({ length }) => length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024);
    expect(new Set(sizes).size).toBeGreaterThan(200);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / PAYLOAD_COUNT;
    expect(Math.abs(mean - 762)).toBeLessThan(20);
  });

  it('hold what their place says, byte for byte', () => {
    payloads.forEach((payload, index) => {
      expect(payload.equals(Buffer.alloc(payloadBytes(index), index))).toBe(true);
    });
  });

  it('are told from one another', () => {
    const [first, second] = payloads;
    expect(isPayload(first ?? Buffer.of(), 0)).toBe(true);
    expect(isPayload(first ?? Buffer.of(), PAYLOAD_COUNT)).toBe(true);
    expect(isPayload(second ?? Buffer.of(), 0)).toBe(false);
    expect(isPayload(Buffer.alloc(payloadBytes(0), 7), 0)).toBe(false);
    expect(isPayload(Buffer.of(), 0)).toBe(false);
  });
});
