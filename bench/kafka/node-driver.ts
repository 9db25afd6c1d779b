// The client process of kafkajs and of @platformatic/kafka, as sdk-driver.ts is the SDK's.
import { randomBytes } from 'node:crypto';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';

export interface NodeTask {
  readonly client: 'kafkajs' | 'platformatic';
  readonly kind: 'produce' | 'consume';
  /** HOST:PORT of the Kafka listener. */
  readonly address: string;
  /** With one partition. */
  readonly topic: string;
  readonly recordBytes: number;
  readonly recordCount: number;
}

export type NodeAnswer = { readonly seconds: number } | { readonly error: string };

/** Each client makes one batch of a call's records, and a batch has to stay below 1 MiB. */
const BATCH_BYTES = 900_000;
/** What a record needs beside its value, at most. */
const RECORD_OVERHEAD_BYTES = 20;
/** Calls under way: both clients are slower with one, no faster with more. */
const CALLS_IN_FLIGHT = 4;

/** Sends all records in calls of as many as a batch takes, several under way; returns seconds. */
async function sendAll(
  { recordBytes, recordCount }: NodeTask,
  send: (values: readonly Buffer[]) => Promise<unknown>,
): Promise<number> {
  const perCall = Math.floor(BATCH_BYTES / (recordBytes + RECORD_OVERHEAD_BYTES));
  const values = Array.from({ length: perCall }, () => randomBytes(recordBytes));
  let left = recordCount;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(left, perCall);
      left -= count;
      await send(count === perCall ? values : values.slice(0, count));
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CALLS_IN_FLIGHT }, lane));
  return (performance.now() - started) / 1000;
}

/** Counts records until all have come, and holds their bytes to what they should be. */
class Countdown {
  readonly done: Promise<number>;
  private finish: (seconds: number) => void = () => undefined;
  private fail: (error: Error) => void = () => undefined;
  private startedMs = 0;
  private records = 0;
  private bytes = 0;

  constructor(private readonly task: NodeTask) {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  }

  /** The member has its partition: what comes before is joining the group. */
  start(): void {
    this.startedMs = performance.now();
  }

  take(value: Buffer | null | undefined): void {
    this.records += 1;
    this.bytes += value?.length ?? 0;
    if (this.records !== this.task.recordCount) return;
    if (this.bytes === this.records * this.task.recordBytes) {
      this.finish((performance.now() - this.startedMs) / 1000);
    } else {
      this.fail(new Error(`${this.bytes} bytes in ${this.records} records`));
    }
  }
}

async function kafkajsProduce(kafka: Kafka, task: NodeTask): Promise<number> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    return await sendAll(task, (values) =>
      producer.send({
        topic: task.topic,
        acks: -1,
        compression: CompressionTypes.None,
        messages: values.map((value) => ({ value })),
      }),
    );
  } finally {
    await producer.disconnect();
  }
}

async function kafkajsConsume(kafka: Kafka, task: NodeTask): Promise<number> {
  const consumer = kafka.consumer({ groupId: `bench-${task.topic}` });
  const countdown = new Countdown(task);
  consumer.on(consumer.events.GROUP_JOIN, () => countdown.start());
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: task.topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        for (const message of batch.messages) countdown.take(message.value);
        return Promise.resolve();
      },
    });
    return await countdown.done;
  } finally {
    await consumer.disconnect();
  }
}

function runKafkajs(task: NodeTask): Promise<number> {
  const kafka = new Kafka({
    clientId: 'bench',
    brokers: [task.address],
    logLevel: logLevel.ERROR,
  });
  return task.kind === 'produce' ? kafkajsProduce(kafka, task) : kafkajsConsume(kafka, task);
}

async function runPlatformatic(task: NodeTask): Promise<number> {
  const { Consumer, MessagesStreamModes, ProduceAcks, Producer } =
    await import('@platformatic/kafka');
  const common = { clientId: 'bench', bootstrapBrokers: [task.address] };
  if (task.kind === 'produce') {
    const producer = new Producer(common);
    try {
      return await sendAll(task, (values) => {
        const messages = values.map((value) => ({ topic: task.topic, value }));
        return producer.send({ messages, acks: ProduceAcks.ALL });
      });
    } finally {
      await producer.close();
    }
  }
  const consumer = new Consumer({ ...common, groupId: `bench-${task.topic}` });
  const countdown = new Countdown(task);
  const stream = await consumer.consume({
    topics: [task.topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
  });
  try {
    countdown.start();
    stream.on('data', ({ value }) => countdown.take(value));
    return await countdown.done;
  } finally {
    await stream.close();
    await consumer.close();
  }
}

if (process.send !== undefined) {
  process.on('message', (task: NodeTask) => {
    (task.client === 'kafkajs' ? runKafkajs(task) : runPlatformatic(task)).then(
      (seconds) => process.send?.({ seconds } satisfies NodeAnswer),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.send?.({ error: text } satisfies NodeAnswer);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}
