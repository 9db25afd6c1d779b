// Messages as fast-check draws them, by the schema.
import fc from 'fast-check';
import {
  contains,
  type Field,
  type Message,
  type Primitive,
  type Struct,
} from '../generator/schema';
import type { Value } from './sample-message';

const ELEMENTS_MAX = 3;

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** Longer than what a writer copies, now and then. */
const records = fc.oneof(
  { weight: 4, arbitrary: bytes(60) },
  { weight: 1, arbitrary: fc.nat(3000).map((length) => Buffer.alloc(length, length & 0xff)) },
);

const PRIMITIVES: Readonly<Record<Exclude<Primitive, 'records'>, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -0x80, max: 0x7f }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  int64: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(-1, 0, 2 ** 32, -(2 ** 32), 2 ** 31)),
  float64: fc.double(),
  uuid: fc.uuid(),
  string: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    // Where compact lengths take a second byte.
    fc.integer({ min: 120, max: 135 }).map((length) => 'x'.repeat(length)),
  ),
  bytes: bytes(20),
};

function element(field: Field, version: number, message: Message): fc.Arbitrary<unknown> {
  if (typeof field.type === 'object') return struct(field.type, version, message);
  if (field.type !== 'records') return PRIMITIVES[field.type];
  return message.isResponse ? fc.array(records, { maxLength: ELEMENTS_MAX }) : records;
}

function value(field: Field, version: number, message: Message): fc.Arbitrary<unknown> {
  const one = element(field, version, message);
  const whole = field.isArray ? fc.array(one, { maxLength: ELEMENTS_MAX }) : one;
  return contains(field.nullable, version) ? fc.option(whole, { freq: 3 }) : whole;
}

function struct(of: Struct, version: number, message: Message): fc.Arbitrary<Value> {
  const fields = of.fields.filter(({ versions }) => contains(versions, version));
  const required = fields.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
  return fc.record(
    Object.fromEntries(fields.map((field) => [field.name, value(field, version, message)])),
    { requiredKeys: required },
  );
}

/** Any message of a version: null where it allows null, optional fields left out at times. */
export function arbitraryMessage(message: Message, version: number): fc.Arbitrary<Value> {
  return struct(message.root, version, message);
}
