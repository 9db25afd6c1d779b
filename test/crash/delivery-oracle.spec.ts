// The test of the test: every kind of damage that the oracle exists for, planted one at a time.
import { DeliveryOracle, type FindingKind, type ReadRecord } from './delivery-oracle';
import { RecordSource } from './record-source';

const SEED = 7;
const PARTITION = 2;

/** An oracle told of ten acknowledged records, the last four one call, and a sound log. */
function soundLog(): { oracle: DeliveryOracle; source: RecordSource; log: ReadRecord[] } {
  const source = new RecordSource(SEED);
  const oracle = new DeliveryOracle(source);
  for (let id = 0; id < 6; id += 1) oracle.sent('one', PARTITION, [id], false);
  oracle.sent('two', PARTITION, [6, 7, 8, 9], true);
  for (let id = 0; id < 10; id += 1) oracle.acknowledged(id, id);
  const log = Array.from({ length: 10 }, (_, id) => ({ offset: id, ...source.record(id) }));
  return { oracle, source, log };
}

function kindsFound(oracle: DeliveryOracle, log: readonly ReadRecord[]): FindingKind[] {
  return oracle.check(PARTITION, log).map(({ kind }) => kind);
}

/** The log with dense offsets again after something was put in or taken out. */
function renumbered(log: readonly ReadRecord[]): ReadRecord[] {
  return log.map((record, offset) => ({ ...record, offset }));
}

describe('DeliveryOracle', () => {
  it('finds nothing in a sound log, however often it looks', () => {
    const { oracle, log } = soundLog();
    expect(kindsFound(oracle, log)).toEqual([]);
    expect(kindsFound(oracle, log)).toEqual([]);
    expect(oracle.acknowledgedCount).toBe(10);
  });

  it('flags an acknowledged record that is gone from the end', () => {
    const { oracle, log } = soundLog();
    oracle.sent('one', PARTITION, [10], false);
    oracle.acknowledged(10, 10);
    expect(kindsFound(oracle, log)).toEqual(['lost']);
  });

  it('flags a record gone from the middle, and those that moved up', () => {
    const { oracle, log } = soundLog();
    const found = kindsFound(oracle, renumbered(log.filter(({ offset }) => offset !== 3)));
    expect(found).toContain('lost');
    expect(found.filter((kind) => kind === 'moved')).toHaveLength(6);
  });

  it('flags a hole in the offsets', () => {
    const { oracle, log } = soundLog();
    expect(kindsFound(oracle, log.slice(0, 5).concat(log.slice(6)))).toContain('gap');
  });

  it('flags one flipped bit of a value', () => {
    const { oracle, log } = soundLog();
    const damaged = log.map((record) => {
      if (record.offset !== 4 || record.value === null) return record;
      const value = Buffer.from(record.value);
      value.writeUInt8(value.readUInt8(value.length - 1) ^ 0x10, value.length - 1);
      return { ...record, value };
    });
    expect(damaged[4]?.value).not.toEqual(log[4]?.value);
    expect(kindsFound(oracle, damaged)).toEqual(['altered']);
  });

  it('tells null from empty', () => {
    const source = new RecordSource(SEED);
    const oracle = new DeliveryOracle(source);
    const id = 60;
    expect(source.record(id).value).toBeNull();
    oracle.sent('one', PARTITION, [id], false);
    const key = Buffer.from(String(id));
    expect(kindsFound(oracle, [{ offset: 0, key, value: Buffer.alloc(0) }])).toEqual(['altered']);
  });

  it('flags a record that nobody sent', () => {
    const { oracle, source, log } = soundLog();
    const invented = { offset: 10, ...source.record(4711) };
    expect(kindsFound(oracle, [...log, invented])).toEqual(['invented']);
    const nameless = { offset: 10, key: null, value: Buffer.from('x') };
    expect(kindsFound(oracle, [...log, nameless])).toEqual(['invented']);
  });

  it('flags a record of another partition', () => {
    const { oracle, source, log } = soundLog();
    oracle.sent('one', PARTITION + 1, [10], false);
    expect(kindsFound(oracle, [...log, { offset: 10, ...source.record(10) }])).toEqual([
      'invented',
    ]);
  });

  it('flags a record that is there twice', () => {
    const { oracle, source, log } = soundLog();
    expect(kindsFound(oracle, [...log, { offset: 10, ...source.record(5) }])).toEqual(['repeated']);
  });

  it('flags acknowledgements of one sender that contradict the order of sending', () => {
    const source = new RecordSource(SEED);
    const oracle = new DeliveryOracle(source);
    oracle.sent('one', PARTITION, [0], false);
    oracle.sent('one', PARTITION, [1], false);
    oracle.acknowledged(0, 1);
    oracle.acknowledged(1, 0);
    const log = renumbered([1, 0].map((id) => ({ offset: 0, ...source.record(id) })));
    expect(kindsFound(oracle, log)).toEqual(['reordered']);
  });

  it('lets a call in flight be absent or whole, not in part', () => {
    const { oracle, source, log } = soundLog();
    oracle.sent('two', PARTITION, [10, 11, 12], true);
    expect(kindsFound(oracle, log)).toEqual([]);
    const part = [10, 11].map((id) => ({ offset: id, ...source.record(id) }));
    expect(kindsFound(oracle, [...log, ...part])).toEqual(['split']);
  });

  it('flags a call with a stranger between its records', () => {
    const { oracle, source, log } = soundLog();
    oracle.sent('two', PARTITION, [10, 11], true);
    oracle.sent('one', PARTITION, [12], false);
    const mixed = [10, 12, 11].map((id, place) => ({ ...source.record(id), offset: 10 + place }));
    expect(kindsFound(oracle, [...log, ...mixed])).toEqual(['split']);
  });

  it('owes for ever what was read once', () => {
    const { oracle, source, log } = soundLog();
    oracle.sent('one', PARTITION, [10], false);
    expect(kindsFound(oracle, [...log, { offset: 10, ...source.record(10) }])).toEqual([]);
    expect(kindsFound(oracle, log)).toEqual(['lost']);
  });

  it('refuses an acknowledgement of a record that was never sent', () => {
    const { oracle } = soundLog();
    expect(() => oracle.acknowledged(99, 0)).toThrow(RangeError);
  });
});

describe('RecordSource', () => {
  it('makes the same record from the same seed and id, and others from others', () => {
    const bytesOf = (source: RecordSource): Buffer =>
      Buffer.concat(
        Array.from({ length: 300 }, (_, id) => source.record(id).value ?? Buffer.of(0)),
      );
    const bytes = bytesOf(new RecordSource(SEED));
    expect(bytesOf(new RecordSource(SEED)).equals(bytes)).toBe(true);
    expect(bytesOf(new RecordSource(SEED + 1)).equals(bytes)).toBe(false);
  });

  it('covers empty, null and large values', () => {
    const source = new RecordSource(SEED);
    const sizes = Array.from({ length: 2000 }, (_, id) => source.record(id).value?.length ?? -1);
    expect(sizes).toContain(0);
    expect(sizes).toContain(-1);
    expect(Math.max(...sizes)).toBeGreaterThan(40 * 1024);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50 * 1024);
  });
});
