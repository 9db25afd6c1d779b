import { ProtocolError } from './protocol-error';
import { quote } from './topic-name';

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the fields of one request and names the field in the error when one is not as it must be.
 * `nil` counts as absent.
 *
 * Every method throws {@link ProtocolError} INVALID_REQUEST, such as
 * `produce.partition must be an integer from 0 to 9999, got "x"`.
 */
export class FieldReader {
  constructor(
    private readonly operation: string,
    private readonly fields: Fields,
  ) {}

  /** Whether the field is there and not nil. */
  has(name: string): boolean {
    return this.fields[name] != null;
  }

  /** A string that is not empty. */
  text(name: string): string {
    return this.textValue(name, this.fields[name]);
  }

  /** A string that is not empty, or undefined where there is none. */
  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  /** A boolean; an absent one is false. */
  flag(name: string): boolean {
    const value = this.fields[name];
    if (value == null || typeof value === 'boolean') return value ?? false;
    throw this.invalid(name, 'true or false', value);
  }

  /** An integer in the range; an absent one is `fallback` where that is given. */
  integer(name: string, range: IntegerRange, fallback?: number): number {
    if (fallback !== undefined && !this.has(name)) return fallback;
    return this.integerValue(name, this.fields[name], range);
  }

  /** One of a few values; an absent one is `fallback` where that is given. */
  oneOf<T extends string | number>(name: string, values: readonly T[], fallback?: T): T {
    const value = this.fields[name];
    if (fallback !== undefined && value == null) return fallback;
    for (const allowed of values) if (allowed === value) return allowed;
    const names = values.map((allowed) => JSON.stringify(allowed)).join(', ');
    throw this.invalid(name, `one of ${names}`, value);
  }

  /** Whether the field is an array without elements. */
  isEmptyList(name: string): boolean {
    const value = this.fields[name];
    return Array.isArray(value) && value.length === 0;
  }

  /** An array of 1 to `max` elements, each as `read` returns it. */
  list<T>(name: string, max: number, read: (path: string, value: unknown) => T): T[] {
    const value = this.fields[name];
    if (!Array.isArray(value) || value.length === 0 || value.length > max) {
      throw this.invalid(name, `an array of 1 to ${max} elements`, value);
    }
    return value.map((element: unknown, index) => read(`${name}[${index}]`, element));
  }

  /** The value at `path` as a string that is not empty. */
  textValue(path: string, value: unknown): string {
    if (typeof value === 'string' && value !== '') return value;
    throw this.invalid(path, 'a string that is not empty', value);
  }

  /** The value at `path` as an integer in the range. */
  integerValue(path: string, value: unknown, range: IntegerRange): number {
    if (Number.isSafeInteger(value)) {
      const integer = value as number;
      // `+ 0` makes a zero of a negative zero.
      if (integer >= range.min && integer <= range.max) return integer + 0;
    }
    throw this.invalid(path, `an integer from ${range.min} to ${range.max}`, value);
  }

  /** The value at `path` as an array whose length is in the range. */
  tupleValue(path: string, value: unknown, form: string, range: IntegerRange): unknown[] {
    if (Array.isArray(value) && value.length >= range.min && value.length <= range.max) {
      return value as unknown[];
    }
    throw this.invalid(path, form, value);
  }

  /** The error that says what the field must be and what came instead. */
  invalid(path: string, expected: string, got: unknown): ProtocolError {
    const message = `${this.operation}.${path} must be ${expected}, got ${quote(got)}`;
    return new ProtocolError('INVALID_REQUEST', message);
  }
}
