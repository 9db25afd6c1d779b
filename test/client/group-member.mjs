// One member of a consumer group in a process of its own, which tests kill and freeze. Options of
// the consumer come as JSON in the first argument. It tells what happens in lines on stdout, which
// is written synchronously: a record is told before it counts as finished.
import { writeSync } from 'node:fs';
import { Consumer } from '@walrusmq/client';

const tell = (...words) => writeSync(1, `${words.join(' ')}\n`);
const names = (partitions) => partitions.map(({ topic, partition }) => `${topic}/${partition}`);

const consumer = new Consumer({
  ...JSON.parse(process.argv[2]),
  backoff: { initialMs: 10, maxMs: 100 },
  onPartitionsAssigned: (partitions) => tell('assigned', ...names(partitions)),
  onPartitionsRevoked: (partitions) => tell('revoked', ...names(partitions)),
  onPartitionsLost: (partitions) => tell('lost', ...names(partitions)),
});

process.on('SIGTERM', () => {
  consumer.close().then(
    () => tell('closed'),
    (error) => tell('failed', error.code, error.message),
  );
});

try {
  await consumer.run({
    eachRecord: ({ topic, partition, offset, valueBytes }) =>
      tell('record', `${topic}/${partition}`, offset, valueBytes.toString()),
  });
} catch (error) {
  tell('failed', error.code, error.message);
  process.exitCode = 1;
}
