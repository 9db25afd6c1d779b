// Records that a failed batch was read back into: their parts are bytes already.
import type { ProducerRecord } from './record';

const encoded = new WeakSet<ProducerRecord>();

/** Has every producer write the parts of this record as they are, whatever it serialises with. */
export function markEncoded(record: ProducerRecord): ProducerRecord {
  encoded.add(record);
  return record;
}

/** Whether `markEncoded` was called for it. */
export function isEncoded(record: ProducerRecord): boolean {
  return encoded.has(record);
}
