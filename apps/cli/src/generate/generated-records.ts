import type { RecordSource, SourceRecord } from '../input/record-source';
import { GeneratedValues } from './generated-values';
import { Pace, waitUntil } from './pace';

/** What to make. */
export interface GeneratedRecordsOptions {
  /** Infinite: until the signal. */
  readonly count: number;
  readonly sizeBytes: number;
  /** Records per second; undefined: as fast as they are taken. */
  readonly rate: number | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/**
 * Records without keys, as a source beside files.
 *
 * @param onPause Called before each wait for the next record's time, so that whoever gathers
 *   records can hand on what there is. While iterating: throws when the signal is aborted.
 */
export function generatedRecords(
  options: GeneratedRecordsOptions,
  onPause: () => void,
): RecordSource {
  const { count, sizeBytes, rate, seed, signal } = options;
  const values = new GeneratedValues(sizeBytes, seed);
  const clock = (): number => performance.now();
  let made = 0;
  async function* records(): AsyncGenerator<SourceRecord> {
    const pace = rate === undefined ? undefined : new Pace(rate, clock());
    for (; made < count; made += 1) {
      signal.throwIfAborted();
      if (pace !== undefined && pace.dueMs(made) > clock()) {
        onPause();
        await waitUntil(pace.dueMs(made), clock, signal);
      }
      yield { key: null, value: values.at(made), where: `record ${made + 1}` };
    }
  }
  return {
    records: records(),
    totalBytes: Number.isFinite(count) ? count * sizeBytes : undefined,
    bytesRead: () => made * sizeBytes,
  };
}
