// The command-line tools that come with Apache Kafka, each as a person calls it.
import { ToolBroker } from './tool-broker';

jest.setTimeout(300_000);

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const PATIENT = ['--timeout-ms', '60000'];

let broker: ToolBroker;
const run: ToolBroker['run'] = (...asked) => broker.run(...asked);
const makeTopic: ToolBroker['newTopic'] = (...asked) => broker.newTopic(...asked);
const write: ToolBroker['write'] = (...asked) => broker.write(...asked);

beforeAll(async () => {
  broker = await ToolBroker.start();
});
afterAll(() => broker.stop());

/** The words of each line of a tool's output. */
function rows(output: string): string[][] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

/** As `rows`, of a table with a head: each row by its columns. */
function table(output: string): Record<string, string>[] {
  const all = rows(output);
  const head = all.findIndex(([first]) => first === 'GROUP');
  const names = all[head] ?? [];
  return all
    .slice(head + 1)
    .map((words) => Object.fromEntries(names.map((name, place) => [name, words[place] ?? ''])));
}

async function readAll(topic: string, count: number, ...args: string[]): Promise<string[]> {
  const range = ['--from-beginning', '--max-messages', String(count)];
  const output = await run('kafka-console-consumer', [
    ...['--topic', topic],
    ...range,
    ...PATIENT,
    ...args,
  ]);
  return output.trimEnd().split('\n');
}

async function endOffsets(topic: string, ...args: string[]): Promise<string[]> {
  const output = await run('kafka-get-offsets', ['--topic', topic, ...args]);
  return output.trimEnd().split('\n').sort();
}

describe('kafka-topics', () => {
  it('creates, lists, describes, grows and deletes a topic', async () => {
    const topic = broker.topicName();
    const sized = ['--partitions', '3', '--config', 'retention.ms=3600000'];
    const created = await run('kafka-topics', ['--create', '--topic', topic, ...sized]);
    expect(created).toContain(`Created topic ${topic}.`);
    expect((await run('kafka-topics', ['--list'])).split('\n')).toContain(topic);
    const described = await run('kafka-topics', ['--describe', '--topic', topic]);
    expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1/);
    expect(described).toContain('retention.ms=3600000');
    expect(described.match(/Leader: 1\s+Replicas: 1\s+Isr: 1/g)).toHaveLength(3);
    await run('kafka-topics', ['--alter', '--topic', topic, '--partitions', '5']);
    const grown = await run('kafka-topics', ['--describe', '--topic', topic]);
    expect(grown).toContain('PartitionCount: 5');
    await run('kafka-topics', ['--delete', '--topic', topic]);
    expect((await run('kafka-topics', ['--list'])).split('\n')).not.toContain(topic);
  });

  it('is told when a topic exists already, and when it cannot shrink', async () => {
    const topic = await makeTopic(2);
    const again = await broker.fail('kafka-topics', ['--create', '--topic', topic]);
    expect(again).toContain(`Topic '${topic}' exists already.`);
    const less = ['--alter', '--topic', topic, '--partitions', '1'];
    expect(await broker.fail('kafka-topics', less)).toContain('can only get more, not 1');
  });
});

describe('the console producer and consumer', () => {
  it('hand keys, headers, empty and null values from one to the other', async () => {
    const topic = await makeTopic();
    const parts = ['parse.key', 'parse.headers'].flatMap((name) => [
      '--reader-property',
      `${name}=true`,
    ]);
    const lines = ['h:1,i:2\tk\tv', 'h:\tk\t', 'NONE\tk\tNULL'];
    const nulls = ['--reader-property', 'null.marker=NULL'];
    await write(topic, lines.slice(0, 2), ...parts);
    await write(topic, ['k\tNULL'], ...['--reader-property', 'parse.key=true'], ...nulls);
    const shown = ['key', 'headers', 'offset', 'partition'].flatMap((name) => [
      '--formatter-property',
      `print.${name}=true`,
    ]);
    expect(await readAll(topic, 3, ...shown)).toEqual([
      'Partition:0\tOffset:0\th:1,i:2\tk\tv',
      'Partition:0\tOffset:1\th:\tk\t',
      'Partition:0\tOffset:2\tNO_HEADERS\tk\tnull',
    ]);
  });

  it.each(CODECS)('write %s, and read it back', async (codec) => {
    const topic = await makeTopic();
    const lines = Array.from({ length: 500 }, (_, index) => `record ${index} of many alike`);
    await write(topic, lines, '--compression-codec', codec);
    expect(await readAll(topic, lines.length)).toEqual(lines);
  });

  it.each(['0', '1', 'all'])('write with acks=%s', async (acks) => {
    const topic = await makeTopic();
    await write(topic, ['one', 'two'], '--command-property', `acks=${acks}`);
    expect(await readAll(topic, 2)).toEqual(['one', 'two']);
  });

  it('create the topic that they write to', async () => {
    const topic = broker.topicName();
    await write(topic, ['first']);
    expect(await readAll(topic, 1)).toEqual(['first']);
  });
});

describe.each(['classic', 'consumer'])('kafka-consumer-groups, group.protocol=%s', (protocol) => {
  const group = `tools-${protocol}`;
  const asMember = ['--group', group, '--command-property', `group.protocol=${protocol}`];
  let topic: string;

  beforeAll(async () => {
    topic = await makeTopic();
    await write(
      topic,
      Array.from({ length: 10 }, (_, index) => String(index)),
    );
    await readAll(topic, 4, ...asMember);
  });

  it('shows what was committed and what is left', async () => {
    expect((await run('kafka-consumer-groups', ['--list'])).split('\n')).toContain(group);
    const output = await run('kafka-consumer-groups', ['--describe', '--group', group]);
    expect(table(output)).toEqual([
      expect.objectContaining({
        GROUP: group,
        TOPIC: topic,
        PARTITION: '0',
        'CURRENT-OFFSET': '4',
        'LOG-END-OFFSET': '10',
        LAG: '6',
      }),
    ]);
    const state = await run('kafka-consumer-groups', ['--describe', '--group', group, '--state']);
    expect(state).toMatch(new RegExp(`${group}.*Empty\\s+0`));
  });

  it('sets offsets back, so that a member reads again from there', async () => {
    const of = ['--group', group, '--topic', topic];
    const reset = ['--reset-offsets', ...of, '--to-offset', '2', '--execute'];
    expect(await run('kafka-consumer-groups', reset)).toMatch(new RegExp(`${topic}\\s+0\\s+2`));
    const rest = ['--topic', topic, '--max-messages', '8', ...PATIENT, ...asMember];
    const again = await run('kafka-console-consumer', rest);
    expect(again.trimEnd().split('\n')).toEqual(['2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('deletes offsets, then the group', async () => {
    const of = ['--group', group, '--topic', topic];
    await run('kafka-consumer-groups', ['--delete-offsets', ...of]);
    const output = await run('kafka-consumer-groups', ['--delete', '--group', group]);
    expect(output).toContain('was successful');
    expect((await run('kafka-consumer-groups', ['--list'])).split('\n')).not.toContain(group);
  });
});

describe('kafka-configs', () => {
  it('adds, shows and removes the config of a topic', async () => {
    const topic = await makeTopic();
    const of = ['--entity-type', 'topics', '--entity-name', topic];
    await run('kafka-configs', [...of, '--alter', '--add-config', 'max.message.bytes=2000000']);
    const set = await run('kafka-configs', [...of, '--describe']);
    expect(set).toMatch(/max\.message\.bytes=2000000 .*DYNAMIC_TOPIC_CONFIG:max/);
    await run('kafka-configs', [...of, '--alter', '--delete-config', 'max.message.bytes']);
    const all = await run('kafka-configs', [...of, '--describe', '--all']);
    expect(all).toMatch(/max\.message\.bytes=1048588 /);
    expect(all).toMatch(/retention\.ms=604800000 /);
  });

  it('refuses a config that does not exist', async () => {
    const topic = await makeTopic();
    const of = ['--entity-type', 'topics', '--entity-name', topic];
    const args = [...of, '--alter', '--add-config', 'no.such.config=1'];
    const said = await broker.fail('kafka-configs', args);
    expect(said).toContain('Unknown topic config name: "no.such.config"');
  });

  it('shows the configs of the broker', async () => {
    const of = ['--entity-type', 'brokers', '--entity-name', '1'];
    expect(await run('kafka-configs', [...of, '--describe', '--all'])).toContain(
      'All configs for broker 1 are:',
    );
  });
});

describe('kafka-get-offsets and kafka-delete-records', () => {
  it('tell where partitions begin and end, before and after records are deleted', async () => {
    const topic = await makeTopic(2);
    const before = Date.now();
    await write(
      topic,
      Array.from({ length: 6 }, (_, index) => `k\t${index}`),
      ...['--reader-property', 'parse.key=true'],
    );
    const ends = await endOffsets(topic);
    expect(ends.map((line) => line.replace(/^.*:\d:/, '')).sort()).toEqual(['0', '6']);
    const [, written = ''] = ends.find((line) => line.endsWith(':6'))?.split(':') ?? [];
    expect(await endOffsets(topic, '--time', String(before), '--partitions', written)).toEqual([
      `${topic}:${written}:0`,
    ]);

    const partitions = [{ topic, partition: Number(written), offset: 4 }];
    const file = broker.file('delete.json', { version: 1, partitions });
    const output = await run('kafka-delete-records', ['--offset-json-file', file]);
    expect(output).toContain('low_watermark: 4');
    const first = await endOffsets(topic, '--time', 'earliest', '--partitions', written);
    expect(first).toEqual([`${topic}:${written}:4`]);
    expect(await readAll(topic, 2)).toEqual(['4', '5']);
  });
});

describe('the tools for the cluster', () => {
  it('kafka-log-dirs tells how large a partition is', async () => {
    const topic = await makeTopic();
    await write(topic, ['x'.repeat(1_000)]);
    const output = await run('kafka-log-dirs', ['--describe', '--topic-list', topic]);
    const json = output.split('\n').find((line) => line.startsWith('{')) ?? '';
    const { brokers } = JSON.parse(json) as {
      brokers: {
        broker: number;
        logDirs: { partitions: { partition: string; size: number }[] }[];
      }[];
    };
    expect(brokers.map(({ broker: id }) => id)).toEqual([1]);
    const [found] = brokers[0]?.logDirs.flatMap(({ partitions }) => partitions) ?? [];
    expect(found?.partition).toBe(`${topic}-0`);
    expect(found?.size).toBeGreaterThan(1_000);
  });

  it('kafka-leader-election finds that the only replica leads already', async () => {
    const topic = await makeTopic();
    const of = ['--election-type', 'preferred', '--topic', topic, '--partition', '0'];
    expect(await run('kafka-leader-election', of)).toContain(
      `Valid replica already elected for partitions ${topic}-0`,
    );
  });

  it('kafka-reassign-partitions sees no reassignment under way', async () => {
    expect(await run('kafka-reassign-partitions', ['--list'])).toContain(
      'No partition reassignments found.',
    );
  });

  it('kafka-broker-api-versions shows what the broker and this client have in common', async () => {
    const output = await run('kafka-broker-api-versions', []);
    expect(output).toContain(`${broker.address} (id: 1`);
    expect(output).toMatch(/Produce\(0\): 0 to \d+ \[usable: 1\d\]/);
    expect(output).toMatch(/Fetch\(1\): \d to \d+ \[usable: 1\d\]/);
    expect(output).toMatch(/ConsumerGroupHeartbeat\(68\): 0 to 1 \[usable: 1\]/);
  });

  it('kafka-cluster shows one id, the same each time', async () => {
    const output = await run('kafka-cluster', ['cluster-id']);
    expect(output).toMatch(/^Cluster ID: \S{16,}\n$/);
    expect(await run('kafka-cluster', ['cluster-id'])).toBe(output);
  });
});

describe('the performance tools', () => {
  it('write and read 20,000 records, and measure latency from end to end', async () => {
    const topic = await makeTopic(3);
    const load = ['--num-records', '20000', '--record-size', '100', '--throughput', '-1'];
    const produced = await run('kafka-producer-perf-test', [
      ...['--topic', topic, ...load],
      ...['--command-property', 'acks=all'],
    ]);
    expect(produced).toContain('20000 records sent');
    const consumed = await run('kafka-consumer-perf-test', [
      ...['--topic', topic, '--num-records', '20000', '--timeout', '60000', '--hide-header'],
    ]);
    expect(consumed.split(',').map((field) => field.trim())[4]).toBe('20000');
    const offsets = await endOffsets(topic);
    const total = offsets.reduce((sum, line) => sum + Number(line.split(':')[2]), 0);
    expect(total).toBe(20_000);
    const single = await makeTopic();
    const latency = ['--topic', single, '--num-records', '200', '--record-size', '100'];
    expect(await run('kafka-e2e-latency', [...latency, '--producer-acks', 'all'])).toContain(
      'Avg latency:',
    );
  });

  it('kafka-verifiable-producer has every record acknowledged', async () => {
    const topic = await makeTopic();
    const output = await run('kafka-verifiable-producer', [
      ...['--topic', topic, '--max-messages', '500', '--acks', '-1'],
    ]);
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string });
    expect(lines.filter(({ name }) => name === 'producer_send_success')).toHaveLength(500);
    expect(await endOffsets(topic)).toEqual([`${topic}:0:500`]);
  });
});
