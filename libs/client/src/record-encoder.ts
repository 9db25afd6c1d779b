// A record as a program gives it into the bytes of its parts, and the errors of those that cannot
// be.
import { RefusedRecord } from './accumulator';
import { DeliveryError, SerialisationError, asError } from './errors';
import { isEncoded } from './encoded-records';
import type { EncodedRecord } from './partition-queue';
import type { DeliveryFailure } from './producer-batch';
import type { ProducerRecord } from './record';
import { encodeHeaders } from './serialisation';
import { DEFAULT_ENCODING, type RecordEncoding } from './serialisers';

/** An encoded record with nothing in it, to be filled by `encodeRecord`. */
export function emptyRecord(): EncodedRecord {
  return { key: null, value: null, headers: undefined, timestamp: 0 };
}

/**
 * Fills `target` with the parts of `record` as bytes; bytes given as bytes are not copied.
 *
 * @param now Timestamp of a record that has none.
 * @throws {SerialisationError} It cannot be written. `target` is then of no use.
 */
export function encodeRecord(
  record: ProducerRecord,
  target: EncodedRecord,
  now: number,
  chosen: RecordEncoding = DEFAULT_ENCODING,
): void {
  const { key, value, headers } = record;
  const isDefault = chosen === DEFAULT_ENCODING || isEncoded(record);
  const encoding = isDefault ? DEFAULT_ENCODING : chosen;
  target.key = key === undefined || key === null ? null : encoding.key(key);
  target.value = encoding.value(value);
  target.headers = encodeHeaders(headers, encoding.headers(value));
  target.timestamp = record.timestamp ?? now;
}

/** Why a record could not be taken, whatever was thrown on the way. */
export function failureOfRecord(thrown: unknown): DeliveryFailure {
  if (thrown instanceof RefusedRecord) return thrown.failure;
  const { message } = asError(thrown);
  if (thrown instanceof SerialisationError) return { code: thrown.code, message, cause: thrown };
  const code = thrown instanceof RangeError ? 'UNKNOWN_PARTITION' : 'INVALID_VALUE';
  return { code, message, cause: thrown };
}

/** The error for records that never went into a batch. */
export function deliveryError(
  { code, message, cause }: DeliveryFailure,
  records: readonly ProducerRecord[],
): DeliveryError {
  return new DeliveryError(code, message, () => records, { cause });
}
