// Kafka's tools as an operator uses them, and what they say when something cannot be.
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { readTestedClients } from '../../../../scripts/kafka-compatibility';
import { runKafkaClass } from '../../java-programs';
import { ToolBroker } from './tool-broker';

jest.setTimeout(300_000);

const THIS_CLIENT = "kafka-clients (Java) and Kafka's tools";
const OWN_CONFIG = 'retention.consumed';
const NO_CHANGE = 'Settings of the broker cannot be changed while it runs';

let broker: ToolBroker;
const run: ToolBroker['run'] = (...asked) => broker.run(...asked);
const fail: ToolBroker['fail'] = (...asked) => broker.fail(...asked);
beforeAll(async () => {
  broker = await ToolBroker.start();
});
afterAll(() => broker.stop());

/** Names that begin lines, such as `segment.bytes=…`. */
const namesIn = (output: string): readonly string[] =>
  [...output.matchAll(/^\s*([\w.]+)=/gm)].map(([, name = '']) => name).sort();

describe('kafka-topics', () => {
  it.each([
    ['--config min.insync.replicas=2', 'Set it to 1 or leave it out'],
    ['--config unclean.leader.election.enable=true', 'nothing is ever elected'],
    ['--config cleanup.policy=compact', 'Compaction does not exist yet'],
    ['--config segment.ms=5', 'Expected a whole number from 100'],
    ['--replication-factor 3', 'There is one broker'],
  ])('creates no topic with %s, and says why', async (flags, why) => {
    const topic = broker.topicName();
    const said = await fail('kafka-topics', ['--create', '--topic', topic, ...flags.split(' ')]);
    expect(said).toContain(why);
    expect((await run('kafka-topics', ['--list'])).split('\n')).not.toContain(topic);
  });

  it.each(['--describe', '--delete', '--alter --partitions 3'])(
    'says of %s that a topic is not there',
    async (command) => {
      const args = [...command.split(' '), '--topic', 'no-such-topic'];
      expect(await fail('kafka-topics', args)).toContain('does not exist as expected');
    },
  );

  it('finds no partition that lacks replicas, and topics by what they set', async () => {
    const topic = await broker.newTopic(1, { 'segment.bytes': '52428800' });
    const lacking = ['under-replicated', 'unavailable', 'under-min-isr'];
    for (const each of lacking) {
      expect(await run('kafka-topics', ['--describe', `--${each}-partitions`])).toBe('');
    }
    const changed = await run('kafka-topics', ['--describe', '--topics-with-overrides']);
    expect(changed).toMatch(new RegExp(`Topic: ${topic}\\b.*Configs: segment.bytes=52428800`));
  });
});

describe('kafka-configs', () => {
  const ofTopic = (topic: string) => ['--entity-type', 'topics', '--entity-name', topic];

  it('knows every config of topics that this Kafka has', async () => {
    const topic = await broker.newTopic();
    const all = await run('kafka-configs', [...ofTopic(topic), '--describe', '--all']);
    const { stdout } = await runKafkaClass('org.apache.kafka.storage.internals.log.LogConfig', []);
    const kafkas = [...stdout.matchAll(/id="topicconfigs_([\w.]+)"/g)].map(([, name = '']) => name);
    expect(kafkas.length).toBeGreaterThan(30);
    expect(namesIn(all)).toEqual([...kafkas, OWN_CONFIG].sort());
  });

  it('sets, shows and takes back what has no effect', async () => {
    const topic = await broker.newTopic();
    const throttled = 'leader.replication.throttled.replicas';
    const added = `segment.index.bytes=4096,flush.messages=10,${throttled}=[0:1,1:1]`;
    await run('kafka-configs', [...ofTopic(topic), '--alter', '--add-config', added]);
    const set = await run('kafka-configs', [...ofTopic(topic), '--describe']);
    expect(namesIn(set)).toEqual(['flush.messages', throttled, 'segment.index.bytes']);
    expect(set).toContain(`${throttled}=0:1,1:1 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:`);
    const names = `segment.index.bytes,flush.messages,${throttled}`;
    await run('kafka-configs', [...ofTopic(topic), '--alter', '--delete-config', names]);
    expect(namesIn(await run('kafka-configs', [...ofTopic(topic), '--describe']))).toEqual([]);
  });

  it.each([
    ['min.insync.replicas=2', 'Set it to 1 or leave it out'],
    ['message.downconversion.enable=true', 'Kafka has not had it since version 4.0'],
    ['retention.ms=soon', 'Expected -1 for no limit, or a whole number'],
  ])('changes nothing where it is refused: %s', async (config, why) => {
    const topic = await broker.newTopic();
    const added = ['--alter', '--add-config', `segment.jitter.ms=5,${config}`];
    expect(await fail('kafka-configs', [...ofTopic(topic), ...added])).toContain(why);
    expect(namesIn(await run('kafka-configs', [...ofTopic(topic), '--describe']))).toEqual([]);
  });

  it.each([
    ['--entity-type topics --entity-name none --alter --add-config retention.ms=5', 'No topic'],
    ['--entity-type brokers --entity-name 1 --alter --add-config log.retention.ms=5', NO_CHANGE],
    ['--entity-type brokers --entity-default --alter --add-config log.retention.ms=5', NO_CHANGE],
    ['--entity-type broker-loggers --entity-name 1 --describe', 'none of the resource type 8'],
    ['--entity-type groups --entity-name g --describe', 'none of the resource type 32'],
    ['--entity-type users --describe', 'does not support DESCRIBE_CLIENT_QUOTAS'],
    ['--entity-type client-metrics --describe', 'does not support LIST_CONFIG_RESOURCES'],
  ])('%s: is told why not', async (args, why) => {
    expect(await fail('kafka-configs', args.split(' '))).toContain(why);
  });

  it.each(['--entity-name 1', '--entity-default', ''])(
    'shows that nothing is set at run time: brokers %s',
    async (which) => {
      const args = ['--entity-type', 'brokers', ...which.split(' '), '--describe'];
      expect(
        namesIn(
          await run(
            'kafka-configs',
            args.filter((arg) => arg !== ''),
          ),
        ),
      ).toEqual([]);
    },
  );
});

describe('kafka-reassign-partitions', () => {
  const plan = (topic: string, replicas: readonly number[]): string =>
    broker.file(`${topic}-${replicas.join('-')}.json`, {
      version: 1,
      partitions: [0, 1].map((partition) => ({ topic, partition, replicas })),
    });
  const of = (file: string) => ['--reassignment-json-file', file];

  it('proposes, carries out and verifies what leaves partitions where they are', async () => {
    const topic = await broker.newTopic(2);
    const move = broker.file('move.json', { version: 1, topics: [{ topic }] });
    const wanted = ['--topics-to-move-json-file', move, '--broker-list', '1'];
    const proposed = await run('kafka-reassign-partitions', ['--generate', ...wanted]);
    expect(proposed).toContain(`{"topic":"${topic}","partition":1,"replicas":[1]`);
    const file = plan(topic, [1]);
    expect(await run('kafka-reassign-partitions', ['--execute', ...of(file)])).toContain(
      `Successfully started partition reassignments for ${topic}-0,${topic}-1`,
    );
    const verified = await run('kafka-reassign-partitions', ['--verify', ...of(file)]);
    expect(verified).toContain(`Reassignment of partition ${topic}-1 is completed.`);
    expect(verified).toContain(`Clearing topic-level throttles on topic ${topic}`);
    expect(await run('kafka-reassign-partitions', ['--cancel', ...of(file)])).toContain(
      'None of the specified partition reassignments are active.',
    );
  });

  it('is told that there is no other broker, no such topic, and nothing to throttle', async () => {
    const topic = await broker.newTopic(2);
    const execute = (file: string, ...more: readonly string[]) =>
      fail('kafka-reassign-partitions', ['--execute', ...of(file), ...more]);
    expect(await execute(plan(topic, [2]))).toContain('Unknown broker id 2');
    expect(await execute(plan('no-such-topic', [1]))).toContain('Topic no-such-topic not found');
    expect(await execute(plan(topic, [1]), '--throttle', '1000')).toContain(NO_CHANGE);
  });
});

describe('kafka-leader-election', () => {
  it('has nothing to do for all partitions, and takes an unclean one for done', async () => {
    const topic = await broker.newTopic();
    const all = ['--election-type', 'preferred', '--all-topic-partitions'];
    expect(await run('kafka-leader-election', all)).toBe('');
    const unclean = ['--election-type', 'unclean', '--topic', topic, '--partition', '0'];
    expect(await run('kafka-leader-election', unclean)).toContain('already elected');
    const none = ['--election-type', 'preferred', '--topic', topic, '--partition', '9'];
    expect(await fail('kafka-leader-election', none)).toContain('has partitions 0 to 0, not 9');
  });
});

describe('kafka-get-offsets, kafka-delete-records and kafka-log-dirs', () => {
  it('find what there is by every kind of time', async () => {
    const topic = await broker.newTopic();
    await broker.fill(topic, ['a', 'b', 'c']);
    const at = async (time: string) =>
      (await run('kafka-get-offsets', ['--topic', topic, '--time', time])).trimEnd();
    expect(await at('earliest')).toBe(`${topic}:0:0`);
    expect(await at('latest')).toBe(`${topic}:0:3`);
    expect(await at('earliest-local')).toBe(`${topic}:0:0`);
    expect(await at('max-timestamp')).toMatch(new RegExp(`^${topic}:0:[012]$`));
    // It leaves out what it is told that there is not.
    for (const none of ['latest-tiered', 'earliest-pending-upload'])
      expect(await at(none)).toBe('');
    const unknown = await fail('kafka-get-offsets', ['--topic', 'no-such-topic']);
    expect(unknown).toContain('Could not match any topic-partitions');
  });

  it('say that records to be deleted are not there yet', async () => {
    const topic = await broker.newTopic();
    const partitions = [{ topic, partition: 0, offset: 9 }];
    const file = broker.file('beyond.json', { version: 1, partitions });
    const said = await run('kafka-delete-records', ['--offset-json-file', file]);
    expect(said).toMatch(/error: .*OffsetOutOfRangeException/);
  });

  it('say that there is no such broker', async () => {
    const args = ['--describe', '--broker-list', '7'];
    expect(await fail('kafka-log-dirs', args)).toContain('Current existent brokers: 1');
  });
});

describe('kafka-consumer-groups', () => {
  const group = 'in-use';
  let topic: string;
  let member: Consumer;

  beforeAll(async () => {
    topic = await broker.newTopic(2);
    const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
    member = kafka.consumer({ groupId: group });
    await member.connect();
    await member.subscribe({ topic });
    const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
    await member.run({ eachMessage: () => Promise.resolve() });
    await joined;
  });
  afterAll(() => member.disconnect());

  const groups = (...args: readonly string[]) => run('kafka-consumer-groups', args);

  it('shows who is in a group', async () => {
    const members = await groups('--describe', '--group', group, '--members');
    expect(members).toMatch(new RegExp(`^${group} .* 2 *$`, 'm'));
    const states = await groups('--list', '--state');
    expect(states).toMatch(new RegExp(`^${group} +Stable *$`, 'm'));
    const types = await groups('--list', '--type');
    expect(types).toMatch(new RegExp(`^${group} +Classic *$`, 'm'));
  });

  it('changes nothing of a group that has members', async () => {
    const of = ['--group', group];
    const reset = await groups(
      '--reset-offsets',
      ...of,
      '--topic',
      topic,
      '--to-latest',
      '--execute',
    );
    expect(reset).toContain(`the group '${group}' is inactive, but the current state is Stable`);
    expect(await groups('--delete', ...of)).toContain('The group is not empty.');
    const offsets = await groups('--delete-offsets', ...of, '--topic', topic);
    expect(offsets).toContain('actively subscribed to it');
  });

  it('says that a group, or the topic of its offsets, is not there', async () => {
    const none = ['--group', 'no-such-group'];
    expect(await groups('--delete', ...none)).toContain('The group id does not exist.');
    const wrong = ['--topic', 'no-such-topic', '--to-latest', '--execute'];
    expect(await groups('--reset-offsets', ...none, ...wrong)).toContain(
      'This server does not host this topic-partition',
    );
  });

  it('resets offsets by place, shift and duration, and with --dry-run only tells', async () => {
    const [name, of] = ['resets', ['--reset-offsets', '--group', 'resets', '--topic']];
    const log = await broker.newTopic();
    await broker.fill(log, ['a', 'b', 'c', 'd', 'e']);
    const reset = async (...how: readonly string[]) => {
      const told = await groups(...of, log, ...how);
      return new RegExp(`^${name} +${log} +0 +(\\d+)`, 'm').exec(told)?.[1];
    };
    expect(await reset('--to-latest', '--execute')).toBe('5');
    expect(await reset('--to-earliest', '--dry-run')).toBe('0');
    expect(await reset('--to-current', '--dry-run')).toBe('5');
    expect(await reset('--shift-by', '-2', '--execute')).toBe('3');
    expect(await reset('--to-offset', '99', '--dry-run')).toBe('5');
    expect(await reset('--by-duration', 'P1D', '--execute')).toBe('0');
    expect(await groups(...of, log, '--to-current', '--dry-run', '--export')).toContain(
      `${log},0,0`,
    );
  });
});

describe('kafka-transactions', () => {
  it('shows the idempotent producers of a partition, and no hanging transactions', async () => {
    const topic = await broker.newTopic();
    await broker.write(topic, ['a', 'b', 'c']);
    const of = ['--topic', topic, '--partition', '0'];
    const [, producer = ''] = (await run('kafka-transactions', ['describe-producers', ...of]))
      .trimEnd()
      .split('\n');
    // Id, epoch, no epoch of a coordinator, the last sequence, a time, no transaction.
    expect(producer).toMatch(/^\d+\s+0\s+-1\s+2\s+\d{13}\s+None\s*$/);
    const hanging = await run('kafka-transactions', ['find-hanging', '--broker-id', '1']);
    expect(hanging.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    ['list', 'does not support LIST_TRANSACTIONS'],
    ['describe --transactional-id t', 'does not support DESCRIBE_TRANSACTIONS'],
    ['forceTerminateTransaction --transactionalId t', 'authorization failure'],
  ])('%s: is told that there are no transactions', async (command, why) => {
    expect(await fail('kafka-transactions', command.split(' '))).toContain(why);
  });
});

describe('the tools for clusters of many', () => {
  it('kafka-cluster lists the one endpoint, and cannot take it away', async () => {
    const [host = '', port = ''] = broker.address.split(':');
    const endpoints = await run('kafka-cluster', ['list-endpoints']);
    expect(endpoints).toMatch(new RegExp(`^1 +${host} +${port} +null +unfenced +broker *$`, 'm'));
    const gone = await run('kafka-cluster', ['unregister', '--id', '1']);
    expect(gone).toContain('does not support the broker unregistration API');
  });

  it('kafka-features has none to show or to change', async () => {
    expect(await run('kafka-features', ['describe'])).toBe('');
    const change = ['upgrade', '--feature', 'transaction.version=2'];
    expect(await fail('kafka-features', change)).toContain('does not support UPDATE_FEATURES');
  });

  it.each(['--status', '--replication'])('kafka-metadata-quorum %s: no quorum', async (what) => {
    const said = await fail('kafka-metadata-quorum', ['describe', what]);
    expect(said).toContain('does not support DESCRIBE_QUORUM');
  });
});

describe('kafka-verifiable-consumer', () => {
  it('asks whether what it has read is still there when it goes on (KIP-320)', async () => {
    const topic = await broker.newTopic();
    const args = ['--topic', topic, '--group-id', 'verified', '--enable-autocommit'];
    const from = ['--reset-policy', 'earliest', '--max-messages', '2'];
    const consumed = async (): Promise<string> => {
      await broker.fill(topic, ['a', 'b']);
      return run('kafka-verifiable-consumer', [...args, ...from]);
    };
    expect(await consumed()).toContain('"minOffset":0,"maxOffset":1');
    expect(await broker.askedApis()).not.toContain('OffsetForLeaderEpoch');
    expect(await consumed()).toContain('"minOffset":2,"maxOffset":3');
    expect(await broker.askedApis()).toContain('OffsetForLeaderEpoch');
  });
});

describe('docs/kafka-compatibility.md', () => {
  it('lists what the tools asked for', async () => {
    const [listed] = readTestedClients().filter(({ client }) => client === THIS_CLIENT);
    const asked = await broker.askedApis();
    expect(asked.length).toBeGreaterThan(20);
    expect(listed?.apis).toEqual(expect.arrayContaining([...asked]) as string[]);
  });
});
