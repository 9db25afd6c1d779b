// How things are called in generated code.
import type { Struct } from './schema';

/** Where a struct stands: in which message, and whether it is the message itself. */
export interface Place {
  readonly message: string;
  readonly isResponse: boolean;
}

/** The TypeScript type of a struct. */
export function typeName(place: Place, struct: Struct): string {
  return struct.name === place.message ? place.message : `${place.message}.${struct.name}`;
}

/** The part of a function's name that says which struct it is about. */
export function functionSuffix(place: Place, struct: Struct): string {
  return struct.name === place.message ? place.message : `${place.message}${struct.name}`;
}

/** `FetchTopic` → `FETCH_TOPIC`. */
export function constantName(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
}

/** `ApiVersions` → `apiVersionsCodec`. */
export function codecName(name: string): string {
  return `${name.slice(0, 1).toLowerCase()}${name.slice(1)}Codec`;
}
