// One value of every field, the same in every run: what the golden bytes were computed from.
import { contains, type Field, type Message, type Struct } from '../generator/schema';

/**
 * `full`: everything is there, arrays have two elements. `sparse`: one element, what may be null is
 * null, tagged fields are at their defaults, numbers are the least. `empty`: arrays are empty,
 * numbers the greatest.
 */
export const SAMPLE_KINDS = ['full', 'sparse', 'empty'] as const;
export type SampleKind = (typeof SAMPLE_KINDS)[number];

export type Value = Readonly<Record<string, unknown>>;

const INTEGER_BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32 };

const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

/** Draws the values of one message, each different from the one before. */
class SampleMaker {
  private count = 0;

  constructor(
    private readonly message: Message,
    private readonly version: number,
    private readonly kind: SampleKind,
  ) {}

  struct(struct: Struct): Value {
    const fields = struct.fields.filter(({ versions }) => contains(versions, this.version));
    return Object.fromEntries(fields.map((field) => [field.name, this.field(field)]));
  }

  private field(field: Field): unknown {
    if (this.kind === 'sparse') {
      if (field.tag !== undefined) return this.fallback(field);
      if (contains(field.nullable, this.version)) return null;
    }
    if (!field.isArray) return this.one(field);
    const length = { full: 2, sparse: 1, empty: 0 }[this.kind];
    return Array.from({ length }, () => this.one(field));
  }

  private fallback(field: Field): unknown {
    if (field.default !== undefined) return field.default;
    return defaultsOf(field.type as Struct);
  }

  private one({ type, name }: Field): unknown {
    if (typeof type === 'object') return this.struct(type);
    this.count++;
    switch (type) {
      case 'bool':
        return this.kind !== 'sparse';
      case 'float64':
        return { full: this.count + 0.25, sparse: -1e300, empty: 0 }[this.kind];
      case 'uuid':
        return this.uuid();
      case 'string':
        return this.kind === 'full' ? `${name} é ${'₩'.repeat(this.count % 3)}` : '';
      case 'bytes':
        return this.bytes(7);
      case 'records':
        return this.message.isResponse ? [this.bytes(200)] : this.bytes(200);
      default:
        return this.integer(type);
    }
  }

  private integer(type: string): number {
    if (type === 'uint16')
      return { full: 0xff00 + this.count, sparse: 0, empty: 0xffff }[this.kind];
    // What is beyond 2^53 is no business of these samples.
    const bits = INTEGER_BITS[type] ?? 54;
    const half = 2 ** (bits - 1);
    if (this.kind === 'empty') return half - 1;
    if (this.kind === 'sparse') return bits === 54 ? 1 - half : -half;
    return Math.trunc((half / 300) * (this.count % 250)) + 1;
  }

  private uuid(): string {
    if (this.kind === 'sparse') return ZERO_UUID;
    const hex = Array.from({ length: 16 }, (_, i) => (this.count * 31 + i * 17) & 0xff);
    const text = Buffer.from(hex).toString('hex');
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  private bytes(length: number): Buffer {
    if (this.kind === 'empty') return Buffer.alloc(0);
    return Buffer.from(Array.from({ length }, (_, i) => (this.count + i * 13) & 0xff));
  }
}

/** A struct with all fields at their defaults. */
export function defaultsOf(struct: Struct): Value {
  return Object.fromEntries(
    struct.fields.map((field) => [
      field.name,
      field.default === undefined ? defaultsOf(field.type as Struct) : field.default,
    ]),
  );
}

/** A message of one version, with the fields that this version has and no others. */
export function sampleMessage(message: Message, version: number, kind: SampleKind): Value {
  return new SampleMaker(message, version, kind).struct(message.root);
}

/**
 * What decoding gives for a message that was encoded in one version: fields that it does not have
 * get their defaults, records are one chunk.
 */
export function asDecoded(struct: Struct, value: Value, version: number): Value {
  return Object.fromEntries(
    struct.fields.map((field) => {
      const given = value[field.name];
      const isThere = contains(field.versions, version) && given !== undefined;
      return [field.name, isThere ? decodedField(field, given, version) : fallback(field)];
    }),
  );
}

function fallback(field: Field): unknown {
  if (field.type === 'bytes' && !field.isArray && field.default === '') return Buffer.alloc(0);
  return field.default === undefined ? defaultsOf(field.type as Struct) : field.default;
}

function decodedField({ type, isArray }: Field, given: unknown, version: number): unknown {
  if (given === null) return null;
  if (type === 'records' && Array.isArray(given)) {
    const whole = Buffer.concat(given as Buffer[]);
    return whole.length === 0 ? [] : [whole];
  }
  if (typeof type === 'string') return given;
  if (!isArray) return asDecoded(type, given as Value, version);
  return (given as Value[]).map((one) => asDecoded(type, one, version));
}
