// What schemas/*.json say, checked and with every default and range filled in. Their form is
// described in docs/design/0013-kafka-schemas.md.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Range {
  readonly min: number;
  readonly max: number;
}

export type Primitive =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

const PRIMITIVES: ReadonlySet<string> = new Set([
  ...['bool', 'int8', 'int16', 'uint16', 'int32', 'int64', 'float64', 'uuid'],
  ...['string', 'bytes', 'records'],
]);

export interface Field {
  readonly name: string;
  /** Of the element, when it is an array. */
  readonly type: Primitive | Struct;
  readonly isArray: boolean;
  /** In which versions it is on the wire. */
  readonly versions: Range;
  readonly nullable: Range | undefined;
  readonly tag: number | undefined;
  /** What it has where it is not on the wire; undefined for a struct: that of all its fields. */
  readonly default: Default | undefined;
  /** Whether who encodes may leave it out: it is tagged, has a default or came or went. */
  readonly isOptional: boolean;
  /** Whether a value may be dropped in versions without the field. */
  readonly isIgnorable: boolean;
  /** Whether its length has the compact form in flexible versions. */
  readonly isCompact: boolean;
  /** Whether an int64 beyond 2^53 becomes the nearest safe integer instead of being refused. */
  readonly isClamped: boolean;
}

export type Default = number | boolean | string | null | readonly never[];

export interface Struct {
  readonly name: string;
  /** In which versions it can be met. */
  readonly versions: Range;
  readonly fields: readonly Field[];
}

export interface Message {
  readonly name: string;
  readonly versions: Range;
  readonly flexibleFrom: number | undefined;
  /** The fields of the message itself; its name is that of the message. */
  readonly root: Struct;
  readonly isResponse: boolean;
}

/** One file: an API with two messages, or a message that belongs to no API. */
export interface Schema {
  /** The file's name without `.json`. */
  readonly file: string;
  readonly name: string;
  readonly key: number | undefined;
  readonly messages: readonly Message[];
}

interface RawField {
  readonly name: string;
  readonly type: string;
  readonly versions?: string;
  readonly nullable?: string | true;
  readonly tag?: number;
  readonly default?: number | boolean | string | null;
  readonly ignorable?: boolean;
  readonly flexible?: false;
  readonly beyond?: 'clamp';
  readonly fields?: readonly RawField[];
}

interface RawMessage {
  readonly fields: readonly RawField[];
  readonly structs?: Readonly<Record<string, readonly RawField[]>>;
}

interface RawSchema {
  readonly name: string;
  readonly key?: number;
  readonly versions: string;
  readonly flexibleFrom: number | null;
  readonly request?: RawMessage;
  readonly response?: RawMessage;
  readonly message?: RawMessage;
}

const FIELD_KEYS: ReadonlySet<string> = new Set([
  ...['name', 'type', 'versions', 'nullable', 'tag', 'default', 'ignorable', 'flexible'],
  ...['beyond', 'fields'],
]);

/** `5`, `5+` and `5-7`; what is open ends where `within` does. */
export function parseRange(text: string, within: Range): Range {
  const match = /^(\d+)(\+|-(\d+))?$/.exec(text);
  if (match === null) throw new Error(`${text} is no range of versions: write 5, 5+ or 5-7`);
  const min = Number(match[1]);
  const max = match[2] === '+' ? within.max : Number(match[3] ?? min);
  if (min < within.min || max > within.max || min > max) {
    throw new Error(`versions ${text} are not within ${within.min}-${within.max}`);
  }
  return { min, max };
}

export function contains(range: Range | undefined, version: number): boolean {
  return range !== undefined && version >= range.min && version <= range.max;
}

/** Builds the messages of one file; structs are found by their names within a message. */
class MessageBuilder {
  constructor(
    private readonly message: string,
    private readonly shared: Readonly<Record<string, readonly RawField[]>>,
    private readonly versions: Range,
  ) {}

  struct(name: string, raw: readonly RawField[], versions: Range): Struct {
    const fields = raw.map((field) => {
      try {
        return this.field(field, versions);
      } catch (error) {
        throw new Error(`${this.message}.${name}.${field.name}: ${String(error)}`, {
          cause: error,
        });
      }
    });
    return { name, versions, fields };
  }

  private field(raw: RawField, within: Range): Field {
    const unknown = Object.keys(raw).filter((key) => !FIELD_KEYS.has(key));
    if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`);
    const versions = raw.versions === undefined ? within : parseRange(raw.versions, within);
    const isArray = raw.type.startsWith('[]');
    const type = this.type(isArray ? raw.type.slice(2) : raw.type, raw.fields, versions);
    const nullable =
      raw.nullable === undefined || raw.nullable === true
        ? raw.nullable && versions
        : parseRange(raw.nullable, versions);
    if (type === 'records' && isArray) throw new Error('no array of records');
    if (raw.tag !== undefined && type === 'records') throw new Error('no records in a tag');
    return {
      ...{ name: raw.name, type, isArray, versions, nullable, tag: raw.tag },
      default: raw.default === undefined ? implicitDefault(type, isArray) : raw.default,
      isOptional: raw.tag !== undefined || raw.default !== undefined || raw.versions !== undefined,
      isIgnorable: raw.ignorable === true,
      isCompact: raw.flexible !== false,
      isClamped: raw.beyond === 'clamp',
    };
  }

  private type(
    name: string,
    fields: readonly RawField[] | undefined,
    versions: Range,
  ): Primitive | Struct {
    if (PRIMITIVES.has(name)) return name as Primitive;
    const raw = fields ?? this.shared[name];
    if (raw === undefined) throw new Error(`no type ${name}`);
    // A shared struct's ranges are within those of the message, whoever uses it.
    return this.struct(name, raw, fields === undefined ? this.versions : versions);
  }
}

function implicitDefault(type: Primitive | Struct, isArray: boolean): Default | undefined {
  if (isArray) return [];
  if (typeof type === 'object') return undefined;
  if (type === 'bool') return false;
  if (type === 'string' || type === 'bytes') return '';
  if (type === 'records') return null;
  return type === 'uuid' ? '00000000-0000-0000-0000-000000000000' : 0;
}

/** Reads one schema file. @throws {Error} It contradicts itself; the message says where. */
export function parseSchema(file: string, text: string): Schema {
  const raw = JSON.parse(text) as RawSchema;
  const versions = parseRange(raw.versions, { min: 0, max: 1000 });
  const flexibleFrom = raw.flexibleFrom ?? undefined;
  const message = (name: string, one: RawMessage): Message => {
    const root = new MessageBuilder(name, one.structs ?? {}, versions).struct(
      ...([name, one.fields, versions] as const),
    );
    return { name, versions, flexibleFrom, root, isResponse: name.endsWith('Response') };
  };
  const messages = [
    ...(raw.request === undefined ? [] : [message(`${raw.name}Request`, raw.request)]),
    ...(raw.response === undefined ? [] : [message(`${raw.name}Response`, raw.response)]),
    ...(raw.message === undefined ? [] : [message(raw.name, raw.message)]),
  ];
  return { file, name: raw.name, key: raw.key, messages };
}

const SCHEMAS = join(__dirname, '..', 'schemas');

/** All schemas, by API key; those that belong to no API last. */
export function readSchemas(folder = SCHEMAS): Schema[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const schemas = files.map((name) =>
    parseSchema(name.slice(0, -'.json'.length), readFileSync(join(folder, name), 'utf8')),
  );
  const order = (schema: Schema): number => schema.key ?? Infinity;
  return schemas.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
}

/** The structs below a message, each once, those that a struct uses before it. */
export function structsOf(root: Struct): Struct[] {
  const found = new Map<string, Struct>();
  const visit = (struct: Struct): void => {
    for (const { type } of struct.fields) if (typeof type === 'object') visit(type);
    if (!found.has(struct.name)) found.set(struct.name, struct);
  };
  visit(root);
  return [...found.values()];
}

/** The least bytes that a field takes on the wire in one version. */
export function fieldBytesMin(field: Field, version: number, isFlexible: boolean): number {
  if (!contains(field.versions, version) || field.tag !== undefined) return 0;
  if (field.isArray) return isFlexible && field.isCompact ? 1 : 4;
  if (typeof field.type === 'object') {
    return contains(field.nullable, version) ? 1 : structBytesMin(field.type, version, isFlexible);
  }
  return primitiveBytesMin(field.type, isFlexible && field.isCompact);
}

export function primitiveBytesMin(type: Primitive, isCompact: boolean): number {
  const fixed = { bool: 1, int8: 1, int16: 2, uint16: 2, int32: 4, int64: 8, float64: 8, uuid: 16 };
  if (type === 'string') return isCompact ? 1 : 2;
  if (type === 'bytes' || type === 'records') return isCompact ? 1 : 4;
  return fixed[type];
}

/** The least bytes that a struct takes on the wire in one version. */
export function structBytesMin(struct: Struct, version: number, isFlexible: boolean): number {
  const fields = struct.fields.map((field) => fieldBytesMin(field, version, isFlexible));
  return fields.reduce((sum, bytes) => sum + bytes, isFlexible ? 1 : 0);
}
