// The TypeScript types of a message.
import { typeName, type Place } from './names';
import { structsOf, type Field, type Message, type Range, type Struct } from './schema';

const PRIMITIVE_TYPES = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  int64: 'number',
  float64: 'number',
  uuid: 'string',
  string: 'string',
  bytes: 'Buffer',
} as const;

function elementType(field: Field, place: Place): string {
  if (typeof field.type === 'object') return typeName(place, field.type);
  // What a broker answers with comes in chunks from its log; what it is sent is one slice.
  if (field.type === 'records') return place.isResponse ? 'readonly Buffer[]' : 'Buffer';
  return PRIMITIVE_TYPES[field.type];
}

function fieldType(field: Field, place: Place): string {
  const element = elementType(field, place);
  const whole = field.isArray ? `readonly ${element}[]` : element;
  return field.nullable === undefined ? whole : `${whole} | null`;
}

function rangeText({ min, max }: Range, versions: Range): string {
  if (max === versions.max) return `${min}+`;
  return min === max ? `${min}` : `${min}-${max}`;
}

/** Whether a default is one that nobody would guess. */
function isTelling({ type, default: value }: Field): boolean {
  return type !== 'uuid' && !Array.isArray(value) && Boolean(value);
}

/** What the type does not say: which versions have it, and its default where it is not 0 or ''. */
function fieldNotes(field: Field, versions: Range): string {
  const isWhole = field.versions.min === versions.min && field.versions.max === versions.max;
  const notes = [
    ...(isWhole ? [] : [`Versions ${rangeText(field.versions, versions)}.`]),
    ...(field.nullable === undefined || field.nullable.min === field.versions.min
      ? []
      : [`Null in versions ${rangeText(field.nullable, versions)}.`]),
    ...(field.isOptional && isTelling(field) ? [`Default ${JSON.stringify(field.default)}.`] : []),
  ];
  return notes.length === 0 ? '' : `/** ${notes.join(' ')} */`;
}

function interfaceLines(struct: Struct, name: string, place: Place): string[] {
  const lines = struct.fields.flatMap((field) => {
    const notes = fieldNotes(field, struct.versions);
    const mark = field.isOptional ? '?' : '';
    const line = `  readonly ${field.name}${mark}: ${fieldType(field, place)};`;
    return notes === '' ? [line] : [`  ${notes}`, line];
  });
  return [`export interface ${name} {`, ...lines, '}'];
}

/** The interface of a message, and a namespace of its name with those of its structs. */
export function emitTypes(message: Message, place: Place): string[] {
  const { root } = message;
  const structs = structsOf(root).filter((struct) => struct !== root);
  const inner = structs.flatMap((one) => interfaceLines(one, one.name, place));
  return [
    ...interfaceLines(root, root.name, place),
    ...(inner.length === 0
      ? []
      : [`export declare namespace ${root.name} {`, ...inner.map((line) => `  ${line}`), '}']),
    '',
  ];
}
