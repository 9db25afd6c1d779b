// A program that handles a topic's records beside each other, some of which never succeed. It is
// bundled and started as a process of its own by processing-kill.spec.ts, and killed there.
import { Consumer } from '@walrusmq/client';

const [broker = '', topic = ''] = process.argv.slice(2);

const consumer = new Consumer<string, number>({
  broker,
  topics: [topic],
  reader: 'survivor',
  autoCommit: { intervalMs: 20 },
  serialisation: { key: 'string', value: 'json' },
});

process.on('SIGTERM', () => void consumer.close());

void consumer.run({
  concurrency: { per: 'key', max: 16 },
  retry: { attempts: 2, backoff: { initialMs: 2, maxMs: 5 } },
  deadLetters: {},
  eachRecord: async ({ key, value, partition, offset }, { attempt }) => {
    process.stdout.write(`begin ${partition} ${offset} ${String(key)} ${attempt}\n`);
    await new Promise((resolve) => setTimeout(resolve, (offset * 7) % 5));
    if ((value ?? 0) % 10 === 0) throw new Error(`${String(value)} never works`);
    process.stdout.write(`end ${partition} ${offset} ${String(key)} ${attempt}\n`);
  },
});
