// The process that meets the fault: opens a Walrus, then does what each line of JSON on stdin says
// and answers it with a line on stdout.
import { createInterface } from 'node:readline';
import { StorageError, Walrus } from '@walrusmq/storage';
import type { Answer, Order, WorkerOptions } from './worker-orders';
import { entryOf, walrusOptionsOf } from './worker-orders';

const TOPIC = 'filled';
const READ_BYTES = 4 * 2 ** 20;

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** Does something until it throws; the code and the message of that. */
function untilRefused(work: () => void): Answer {
  try {
    work();
    return {};
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { code: error.code, message: error.message };
  }
}

class FaultWorker {
  constructor(
    private readonly walrus: Walrus,
    private readonly entryBytes: number,
  ) {}

  /** Appends until it is refused or `most` are in. */
  fill(most: number, topic = TOPIC): Answer {
    let count = 0;
    let next = this.end(topic);
    const refused = untilRefused(() => {
      for (; count < most; count += 1, next += 1) {
        this.walrus.appendForTopic(topic, entryOf(next, this.entryBytes));
      }
    });
    return { count, end: next, ...refused };
  }

  /** Reads all that can be read, by offset, and compares it with what was appended. */
  readAll(): Answer {
    const { startOffset, endOffset } = this.walrus.topicStats(TOPIC);
    const wrong: number[] = [];
    let offset = startOffset;
    const refused = untilRefused(() => {
      while (offset < endOffset) {
        for (const entry of this.walrus.readAt(TOPIC, offset, { maxBytes: READ_BYTES })) {
          if (!entry.data.equals(entryOf(entry.offset, entry.data.length))) {
            wrong.push(entry.offset);
          }
          offset = entry.offset + 1;
        }
      }
    });
    return { start: startOffset, end: offset, wrong, ...refused };
  }

  /** Takes entries through a named reader, whose cursor is saved for each. */
  take(reader: string | undefined, most: number): Answer {
    let count = 0;
    const options = reader === undefined ? {} : { reader };
    const refused = untilRefused(() => {
      while (count < most && this.walrus.readNext(TOPIC, true, options) !== null) count += 1;
    });
    return { count, ...refused };
  }

  private end(topic: string): number {
    return this.walrus.topics().includes(topic) ? this.walrus.topicStats(topic).nextOffset : 0;
  }

  async obey(order: Order): Promise<Answer> {
    switch (order.do) {
      case 'fill':
        return this.fill(order.most, order.topic);
      case 'read':
        return this.readAll();
      case 'take':
        return this.take(order.reader, order.most);
      case 'cursors':
        return {
          cursors: this.walrus.readers(TOPIC).map(({ reader, offset }) => [reader, offset]),
        };
      case 'report':
        return { cuts: this.walrus.recoveryReport.cuts.length, ...this.fence() };
      case 'close':
        try {
          await this.walrus.close();
          return {};
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          return { code: error.code, message: error.message };
        }
    }
  }

  private fence(): Answer {
    const { fence } = this.walrus;
    return fence === undefined ? {} : { code: fence.code, message: fence.message };
  }
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
  let worker: FaultWorker;
  try {
    worker = new FaultWorker(new Walrus(walrusOptionsOf(options)), options.entryBytes);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    say({ code: error.code, message: error.message });
    process.exitCode = 1;
    return;
  }
  say({});
  for await (const line of createInterface(process.stdin)) {
    say(await worker.obey(JSON.parse(line) as Order));
  }
}

void main();
