// The values that fields have where they are not on the wire.
import { constantName, functionSuffix, type Place } from './names';
import type { Field, Struct } from './schema';

/** The constant that has all fields of a struct at their defaults. */
export function defaultConstant(place: Place, struct: Struct): string {
  return `DEFAULT_${constantName(functionSuffix(place, struct))}`;
}

/** A field's default as an expression. */
export function defaultExpression(field: Field, place: Place): string {
  if (field.default === undefined) return defaultConstant(place, field.type as Struct);
  if (field.type === 'bytes' && field.default === '') return 'EMPTY_BYTES';
  return JSON.stringify(field.default);
}

/** Whether the value `name` differs from the field's default, as a condition. */
export function differsFromDefault(field: Field, name: string, place: Place): string {
  if (field.default === undefined) {
    return `!isDefault${functionSuffix(place, field.type as Struct)}(${name})`;
  }
  if (field.default === null) return `${name} !== null`;
  const isSized = field.isArray || field.type === 'bytes';
  if (!isSized) return `${name} !== ${JSON.stringify(field.default)}`;
  return field.nullable === undefined
    ? `${name}.length !== 0`
    : `(${name} === null || ${name}.length !== 0)`;
}

/** The value of a field in a message `m` that may leave it out. */
export function valueOrDefault(field: Field, place: Place): string {
  if (!field.isOptional) return `m.${field.name}`;
  const value = defaultExpression(field, place);
  if (field.nullable === undefined || field.default === null) return `m.${field.name} ?? ${value}`;
  return `m.${field.name} === undefined ? ${value} : m.${field.name}`;
}

/** Structs that stand for themselves, not in an array or as null: these have a default. */
export function structsWithDefault(structs: readonly Struct[]): Struct[] {
  const names = new Set(
    structs
      .flatMap(({ fields }) => fields)
      .filter((field) => typeof field.type === 'object' && field.default === undefined)
      .map(({ type }) => (type as Struct).name),
  );
  return structs.filter(({ name }) => names.has(name));
}
