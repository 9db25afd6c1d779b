// One member of a consumer group, in a process of its own that can be killed. It tells its parent
// each record in a line on stdout, which the kernel has before the record counts as finished.
import { createWriteStream } from 'node:fs';
import { Consumer } from '@walrusmq/client';

const [broker, group, topic, name] = process.argv.slice(2);
const numbers = (partitions) => partitions.map(({ partition }) => partition).join();
// Not `process.stdout`, which would keep heartbeats waiting while the parent is slow to read.
const output = createWriteStream('', { fd: 1 });
const tell = (text) => new Promise((resolve) => output.write(text, resolve));

const consumer = new Consumer({
  broker,
  group,
  topics: [topic],
  clientId: name,
  autoCommit: { intervalMs: 200 },
  onPartitionsAssigned: (partitions) => tell(`assigned ${numbers(partitions)}\n`),
  onPartitionsRevoked: (partitions) => tell(`revoked ${numbers(partitions)}\n`),
});
process.on('SIGTERM', () => consumer.close());

await consumer.run({
  eachBatch: ({ partition, records }) => {
    const lines = records.map(({ offset, headers, valueBytes }) => {
      return `record ${partition} ${offset} ${headers.position} ${valueBytes}\n`;
    });
    return tell(lines.join(''));
  },
});
