// The functions that read a message: `r` is the reader, `v` the version.
import { defaultExpression } from './defaults';
import { functionSuffix, typeName, type Place } from './names';
import { chooseExpression, indented, versionCondition, versionParameter } from './version-chain';
import {
  contains,
  primitiveBytesMin,
  structBytesMin,
  structsOf,
  type Field,
  type Message,
  type Primitive,
  type Struct,
} from './schema';

interface Context {
  readonly message: Message;
  readonly place: Place;
}

export function isFlexible(message: Message, version: number): boolean {
  return message.flexibleFrom !== undefined && version >= message.flexibleFrom;
}

/** The form of a length: `string` → `compactNullableString`. */
export function lengthForm(name: string, isCompact: boolean, isNullable: boolean): string {
  const words = [...(isCompact ? ['compact'] : []), ...(isNullable ? ['nullable'] : []), name];
  return words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
}

function primitiveCall(field: Field, isCompact: boolean, isNullable: boolean, c: Context): string {
  switch (field.type as Primitive) {
    case 'string':
      return `r.${lengthForm('string', isCompact, isNullable)}()`;
    case 'bytes':
      return `r.${lengthForm('byteString', isCompact, isNullable)}()`;
    case 'records': {
      const slice = `r.${lengthForm('byteString', isCompact, isNullable)}()`;
      if (!c.place.isResponse) return slice;
      return isNullable ? `asChunksOrNull(${slice})` : `asChunks(${slice})`;
    }
    case 'int64':
      return field.isClamped ? 'r.int64Clamped()' : 'r.int64()';
    default:
      return `r.${field.type as Primitive}()`;
  }
}

/** The least bytes of an element, over the versions that have the field in the same form. */
function elementBytesMin(field: Field, version: number, message: Message): number {
  const flexible = isFlexible(message, version);
  const { type } = field;
  if (typeof type === 'string') return primitiveBytesMin(type, flexible && field.isCompact);
  let least = Infinity;
  for (let v = field.versions.min; v <= field.versions.max; v++) {
    if (isFlexible(message, v) === flexible) {
      least = Math.min(least, structBytesMin(type, v, flexible));
    }
  }
  if (least < 1) throw new Error(`${message.name}.${field.name}: elements may take no bytes`);
  return least;
}

const PRIMITIVE_ARRAYS: Readonly<Partial<Record<Primitive, string>>> = {
  int8: 'Int8s',
  int32: 'Int32s',
  int64: 'Int64s',
  string: 'Strings',
};

/** `Int32s` for an array of int32: how the functions of wire-arrays.ts are called. */
export function primitiveArray(field: Field): string {
  const name = PRIMITIVE_ARRAYS[field.type as Primitive];
  if (name === undefined) throw new Error(`${field.name}: wire-arrays.ts has no such array`);
  return name;
}

function arrayExpression(field: Field, version: number, c: Context): string {
  const isCompact = isFlexible(c.message, version) && field.isCompact;
  const isNullable = contains(field.nullable, version);
  const bytesMin = elementBytesMin(field, version, c.message);
  const length = `r.${lengthForm('arrayLength', isCompact, isNullable)}(${bytesMin})`;
  const orNull = isNullable ? 'OrNull' : '';
  if (typeof field.type === 'object') {
    return `read${functionSuffix(c.place, field.type)}Array${orNull}(r, v, ${length})`;
  }
  const extra = field.type === 'string' ? `, ${isCompact}` : '';
  return `read${primitiveArray(field)}${orNull}(r, ${length}${extra})`;
}

/** A field's value, read from the wire. */
function readExpression(field: Field, version: number, c: Context): string {
  if (field.isArray) return arrayExpression(field, version, c);
  const isNullable = contains(field.nullable, version);
  if (typeof field.type === 'object') {
    const call = `read${functionSuffix(c.place, field.type)}(r, v)`;
    return isNullable ? `(r.isPresent() ? ${call} : null)` : call;
  }
  const isCompact = isFlexible(c.message, version) && field.isCompact;
  return primitiveCall(field, isCompact, isNullable, c);
}

function taggedLoop(struct: Struct, c: Context): string[] {
  const tagged = struct.fields.filter(({ tag }) => tag !== undefined);
  const { versions } = struct;
  const { flexibleFrom } = c.message;
  if (flexibleFrom === undefined || flexibleFrom > versions.max) return [];
  const condition = versionCondition({ min: flexibleFrom, max: versions.max }, versions);
  const guarded = (lines: string[]): string[] =>
    condition === 'true' ? lines : [`if (${condition}) {`, ...indented(lines), '}'];
  if (tagged.length === 0) {
    return condition === 'true'
      ? ['r.skipTaggedFields();']
      : [`if (${condition}) r.skipTaggedFields();`];
  }
  const branches = tagged.flatMap((field, index) => {
    const known = versionCondition(field.versions, {
      min: Math.max(flexibleFrom, versions.min),
      max: versions.max,
    });
    const and = known === 'true' ? '' : ` && ${known}`;
    return [
      `${index === 0 ? '' : '} else '}if (tag === ${field.tag ?? 0}${and}) {`,
      `  ${field.name} = ${readExpression(field, field.versions.max, c)};`,
      '  r.expectEnd(end);',
    ];
  });
  return guarded([
    'for (let count = r.uvarint(); count > 0; count--) {',
    '  const tag = r.uvarint();',
    '  const end = r.taggedEnd();',
    ...indented([...branches, '} else {', '  r.position = end;', '}']),
    '}',
  ]);
}

function readFunction(struct: Struct, c: Context): string[] {
  const { place } = c;
  const type = `Decoded<${typeName(place, struct)}>`;
  const lines = struct.fields.map((field) => {
    if (field.tag !== undefined) {
      const fallback = defaultExpression(field, place);
      return `let ${field.name}: ${type}['${field.name}'] = ${fallback};`;
    }
    const value = chooseExpression(struct.versions, (version) =>
      contains(field.versions, version)
        ? readExpression(field, version, c)
        : defaultExpression(field, place),
    );
    return `const ${field.name} = ${value};`;
  });
  const names = struct.fields.map(({ name }) => name).join(', ');
  const body = [...lines, ...taggedLoop(struct, c), `return { ${names} };`];
  const parameters = `r: WireReader, ${versionParameter(body)}`;
  return [
    `function read${functionSuffix(place, struct)}(${parameters}): ${type} {`,
    ...indented(body),
    '}',
    '',
  ];
}

function arrayFunctions(struct: Struct, c: Context): string[] {
  const suffix = functionSuffix(c.place, struct);
  const type = `Decoded<${typeName(c.place, struct)}>[]`;
  const parameters = 'r: WireReader, v: number, length: number';
  const users = structsOf(c.message.root)
    .flatMap(({ fields }) => fields)
    .filter(({ type: used, isArray }) => isArray && used === struct);
  if (users.length === 0) return [];
  const orNull = users.some(({ nullable }) => nullable !== undefined)
    ? [
        `function read${suffix}ArrayOrNull(${parameters}): ${type} | null {`,
        `  return length < 0 ? null : read${suffix}Array(r, v, length);`,
        '}',
        '',
      ]
    : [];
  return [
    `function read${suffix}Array(${parameters}): ${type} {`,
    `  const values: ${type} = [];`,
    `  for (let i = 0; i < length; i++) values.push(read${suffix}(r, v));`,
    '  return values;',
    '}',
    '',
    ...orNull,
  ];
}

/** The functions that read a message and its structs. */
export function emitRead(message: Message, place: Place): string[] {
  const c = { message, place };
  return structsOf(message.root).flatMap((struct) => [
    ...readFunction(struct, c),
    ...arrayFunctions(struct, c),
  ]);
}
