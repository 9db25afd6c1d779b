// What Java's performance tools print at their end.

export interface PerfTotals {
  readonly recordCount: number;
  readonly seconds: number;
}

const PRODUCED = /^(\d+) records sent, ([\d.]+) records\/sec .* 99\.9th\.$/gm;
/** Fields of the consumer's line: records, and milliseconds without joining the group. */
const CONSUMED_RECORDS = 4;
const FETCH_MS = 7;
const CONSUMED_FIELDS = 10;

/** @throws {Error} The output has no line of totals. */
export function parseProducerPerformance(output: string): PerfTotals {
  const found = [...output.matchAll(PRODUCED)].at(-1);
  if (found === undefined) throw new Error(`kafka-producer-perf-test printed:\n${output}`);
  const recordCount = Number(found[1]);
  return { recordCount, seconds: recordCount / Number(found[2]) };
}

/** @throws {Error} The output has no line of totals, or took no time. */
export function parseConsumerPerformance(output: string): PerfTotals {
  const fields = output.trim().split('\n').at(-1)?.split(', ') ?? [];
  const [recordCount, fetchMs] = [Number(fields[CONSUMED_RECORDS]), Number(fields[FETCH_MS])];
  if (fields.length !== CONSUMED_FIELDS || !(recordCount >= 0) || !(fetchMs > 0)) {
    throw new Error(`kafka-consumer-perf-test printed:\n${output}`);
  }
  return { recordCount, seconds: fetchMs / 1000 };
}
