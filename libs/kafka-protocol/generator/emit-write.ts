// The functions that write a message: `w` is the writer, `m` the message, `v` the version.
import {
  defaultConstant,
  defaultExpression,
  differsFromDefault,
  structsWithDefault,
  valueOrDefault,
} from './defaults';
import { isFlexible, lengthForm, primitiveArray } from './emit-read';
import { functionSuffix, typeName, type Place } from './names';
import { chooseStatements, indented, versionCondition, versionParameter } from './version-chain';
import { contains, structsOf, type Field, type Message, type Struct } from './schema';

interface Context {
  readonly message: Message;
  readonly place: Place;
}

function primitiveCall(field: Field, isCompact: boolean, isNullable: boolean, c: Context): string {
  const { name } = field;
  switch (field.type) {
    case 'string':
      return `w.${lengthForm('string', isCompact, isNullable)}(${name});`;
    case 'bytes':
      return `w.${lengthForm('byteString', isCompact, isNullable)}(${name});`;
    case 'records': {
      const form = c.place.isResponse ? 'chunks' : 'byteString';
      return `w.${lengthForm(form, isCompact, isNullable)}(${name});`;
    }
    default:
      return `w.${field.type as string}(${name});`;
  }
}

function arrayStatements(field: Field, version: number, c: Context): string[] {
  const { name } = field;
  const isCompact = isFlexible(c.message, version) && field.isCompact;
  const isNullable = contains(field.nullable, version);
  const form = isCompact ? 'compactArrayLength' : 'arrayLength';
  const length = isNullable ? `${name} === null ? -1 : ${name}.length` : `${name}.length`;
  const guard = isNullable ? `if (${name} !== null) ` : '';
  if (typeof field.type === 'object') {
    const one = `write${functionSuffix(c.place, field.type)}(w, one, v);`;
    return [`w.${form}(${length});`, `${guard}for (const one of ${name}) ${one}`];
  }
  const extra = field.type === 'string' ? `, ${isCompact}` : '';
  return [`w.${form}(${length});`, `${guard}write${primitiveArray(field)}(w, ${name}${extra});`];
}

function valueStatements(field: Field, version: number, c: Context): string[] {
  const { name } = field;
  const isNullable = contains(field.nullable, version);
  const where = `'${c.message.name}', '${name}', v`;
  const refusal =
    field.nullable !== undefined && !isNullable
      ? [`if (${name} === null) throw notNullable(${where});`]
      : [];
  if (field.isArray) return [...refusal, ...arrayStatements(field, version, c)];
  if (typeof field.type === 'object') {
    const call = `write${functionSuffix(c.place, field.type)}(w, ${name}, v);`;
    if (!isNullable) return [...refusal, call];
    return [`w.presence(${name} !== null);`, `if (${name} !== null) ${call}`];
  }
  const isCompact = isFlexible(c.message, version) && field.isCompact;
  return [...refusal, primitiveCall(field, isCompact, isNullable, c)];
}

/** What is done about a field in a version that does not have it. */
function absentStatements(field: Field, c: Context): string[] {
  if (field.isIgnorable) return [];
  const differs = differsFromDefault(field, field.name, c.place);
  return [`if (${differs}) throw notInVersion('${c.message.name}', '${field.name}', v);`];
}

function taggedStatements(struct: Struct, c: Context): string[] {
  const { versions } = struct;
  const { flexibleFrom } = c.message;
  if (flexibleFrom === undefined || flexibleFrom > versions.max) return [];
  const flexible = { min: Math.max(flexibleFrom, versions.min), max: versions.max };
  const condition = versionCondition({ min: flexibleFrom, max: versions.max }, versions);
  const guarded = (lines: string[]): string[] =>
    condition === 'true' ? lines : [`if (${condition}) {`, ...indented(lines), '}'];
  const tagged = struct.fields
    .filter(({ tag }) => tag !== undefined)
    .sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0));
  if (tagged.length === 0) return guarded(['w.uvarint(0);']);
  const has = ({ name }: Field): string => `has${name[0]!.toUpperCase()}${name.slice(1)}`;
  const flags = tagged.map((field) => {
    const known = versionCondition(field.versions, flexible);
    const and = known === 'true' ? '' : `${known} && `;
    return `const ${has(field)} = ${and}${differsFromDefault(field, field.name, c.place)};`;
  });
  const count = tagged.map((field) => `Number(${has(field)})`).join(' + ');
  const values = tagged.flatMap((field) => [
    `if (${has(field)}) {`,
    ...indented([
      `const at = w.beginTagged(${field.tag ?? 0});`,
      ...valueStatements(field, field.versions.max, c),
      'w.endTagged(at);',
    ]),
    '}',
  ]);
  return guarded([...flags, `w.uvarint(${count});`, ...values]);
}

function writeFunction(struct: Struct, c: Context): string[] {
  const { place } = c;
  const fields = struct.fields.flatMap((field) => {
    const statements = chooseStatements(struct.versions, (version) => {
      if (!contains(field.versions, version)) return absentStatements(field, c);
      return field.tag === undefined ? valueStatements(field, version, c) : [];
    });
    return [`const ${field.name} = ${valueOrDefault(field, place)};`, ...statements];
  });
  const type = typeName(place, struct);
  const body = [...fields, ...taggedStatements(struct, c)];
  const parameters = `w: WireWriter, m: ${type}, ${versionParameter(body)}`;
  return [
    `function write${functionSuffix(place, struct)}(${parameters}): void {`,
    ...indented(body),
    '}',
    '',
  ];
}

/** The functions that write a message and its structs. */
export function emitWrite(message: Message, place: Place): string[] {
  return structsOf(message.root).flatMap((struct) => writeFunction(struct, { message, place }));
}

/** The defaults of structs, and the functions that compare with them. */
export function emitDefaults(message: Message, place: Place): string[][] {
  return structsWithDefault(structsOf(message.root)).flatMap((struct) => {
    const type = typeName(place, struct);
    const values = struct.fields.map((field) => {
      return `  ${field.name}: ${defaultExpression(field, place)},`;
    });
    const differs = struct.fields.map((field) => {
      const value = field.isOptional ? `(${valueOrDefault(field, place)})` : `m.${field.name}`;
      return differsFromDefault(field, value, place);
    });
    const compare = [
      `function isDefault${functionSuffix(place, struct)}(m: ${type}): boolean {`,
      `  return !(${differs.join(' || ')});`,
      '}',
      '',
    ];
    const constant = defaultConstant(place, struct);
    const open = `const ${constant}: Decoded<${type}> = Object.freeze({`;
    return [[open, ...values, '});', ''], compare];
  });
}
