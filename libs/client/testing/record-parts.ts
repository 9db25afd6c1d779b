// Batches as a test writes them down. For tests only.
import { encodeBatch, type RecordHeader } from '@walrusmq/record-batch';

export interface Part {
  readonly key?: string;
  readonly value?: Buffer | string | null;
  readonly headers?: readonly RecordHeader[];
}

export function batch(parts: readonly Part[]): Buffer {
  return encodeBatch(
    parts.map(({ key, value = 'v', headers }, index) => ({
      key: key === undefined ? null : Buffer.from(key),
      value: typeof value === 'string' ? Buffer.from(value) : value,
      headers,
      timestamp: 1_000 + index,
    })),
  );
}
