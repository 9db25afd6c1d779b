import { DeliveryError, type Producer, type ProducerRecord } from '@walrusmq/client';
import { CliError } from '../cli-error';

/** Records handed to the producer at once, and how many such runs may wait for their answer. */
const RUN_RECORDS = 1_000;
const RUN_BYTES = 512 * 1024;
const RUNS_IN_FLIGHT_MAX = 16;

/** A record to send, and its place in the input for messages ("line 7"). */
export interface PlacedRecord extends ProducerRecord {
  readonly value: Buffer;
  readonly where: string;
}

/**
 * Hands records to the producer in runs and keeps a bounded number of runs unanswered. A run ends
 * at its size, or when the event loop turns and no more records are there: who types a line, or
 * follows a file, waits for nobody behind it.
 *
 * Life: `add` each record, then `finish`; after a failure `settle`, to learn what got through.
 */
export class Sending {
  /** Records that were acknowledged. */
  acknowledged = 0;
  /** Bytes of the values that were given. */
  bytes = 0;
  private run: PlacedRecord[] = [];
  private runBytes = 0;
  private readonly inFlight = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;
  private turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly producer: Pick<Producer, 'sendMany'>,
    private readonly onProgress: (acknowledged: number) => void,
  ) {}

  /**
   * Waits while too much is unanswered. @throws What an earlier run failed with; nothing is taken.
   */
  async add(record: PlacedRecord): Promise<void> {
    this.check();
    this.run.push(record);
    this.runBytes += record.value.length;
    this.bytes += record.value.length;
    if (this.run.length < RUN_RECORDS && this.runBytes < RUN_BYTES) {
      this.turn ??= setImmediate(() => this.flush());
      return;
    }
    this.flush();
    while (this.inFlight.size >= RUNS_IN_FLIGHT_MAX && this.failure === undefined) {
      await Promise.race(this.inFlight);
    }
    this.check();
  }

  /** Resolves when everything is acknowledged. @throws What a run failed with. */
  async finish(): Promise<void> {
    this.flush();
    await this.settle();
    this.check();
  }

  /**
   * Resolves when every run was answered, one way or the other; what was not handed on yet never
   * is.
   */
  async settle(): Promise<void> {
    clearImmediate(this.turn);
    await Promise.all(this.inFlight);
  }

  /** Hands on what was gathered, for when no more comes soon. */
  flush(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
    const { run } = this;
    if (run.length === 0) return;
    const sent = this.producer.sendMany(run).then(
      () => this.count(run.length),
      (error: unknown) => {
        if (error instanceof DeliveryError) this.count(run.length - error.records.length);
        this.failure ??= { error: placed(error, run) };
      },
    );
    this.run = [];
    this.runBytes = 0;
    const settled = sent.finally(() => this.inFlight.delete(settled));
    this.inFlight.add(settled);
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  private count(records: number): void {
    this.acknowledged += records;
    this.onProgress(this.acknowledged);
  }
}

/** The error with the place of the first record that it is about, where that can be told. */
function placed(error: unknown, run: readonly PlacedRecord[]): unknown {
  if (!(error instanceof DeliveryError)) return error;
  const [failed] = error.records;
  // A record that was encoded already comes back as a copy.
  const match = run.find(
    ({ value }) => failed?.value instanceof Uint8Array && value.equals(failed.value),
  );
  if (match === undefined) return error;
  return new CliError(`${match.where}: ${error.code}: ${error.message}`, undefined, {
    cause: error,
  });
}
