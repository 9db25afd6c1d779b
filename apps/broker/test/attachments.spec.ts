// Who may move a named reader, as clients see it.
import { ATTACHMENTS_MAX } from '@walrusmq/protocol';
import type { RawClient } from './raw-client';
import { ask, failingStorage, produce, read, readReply, type CursorFaults } from './reader-fixture';
import { TestBroker, until } from './test-broker';

describe('attachments', () => {
  let broker: TestBroker;
  let one: RawClient;
  let two: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start();
    one = await broker.withTopic('orders', 2);
    two = await broker.greeted();
    await produce(one, 0, 'a', 'b');
  });
  afterEach(() => broker.stop());
  const topics = ['orders'];
  const attach = (client: RawClient, fields: object = {}): Promise<unknown> =>
    ask(client, 'readerAttach', { topics, ...fields });

  it('refuses a second connection, in words that say who has it', async () => {
    expect(await attach(one)).toEqual({});
    const refused = await two.request('readerAttach', { reader: 'r', topics });
    expect(refused.fields).toMatchObject({ code: 'READER_ATTACHED', retriable: false });
    expect(refused.fields.message).toMatch(
      /^Reader 'r' of topic 'orders' is attached to 'raw' at 127\.0\.0\.1:\d+: detach it there/,
    );
    const offsets = [['orders', 0, 1]];
    for (const [operation, fields] of [
      ['readerCommit', { offsets }],
      ['readerReset', { offsets }],
      ['readerDelete', {}],
      ['readerCreate', { topics, at: 'latest', ifExists: 'keep' }],
    ] as const) {
      await ask(one, 'readerCommit', { offsets: [['orders', 0, 0]] });
      expect([operation, await ask(two, operation, fields)]).toEqual([
        operation,
        'READER_ATTACHED',
      ]);
    }
    expect(await read(two)).toBe('READER_ATTACHED');
    // Other readers, and whoever only looks, are free.
    expect(await read(two, { reader: 'r2' })).toEqual([[0, 0, 2, 'a', 'b']]);
    expect(await ask(two, 'readerReset', { offsets, dryRun: true })).toMatchObject({});
    expect(await read(one)).toEqual([[0, 0, 2, 'a', 'b']]);
  });

  it('is taken over by choice, which the first one is told by all that it does', async () => {
    await attach(one);
    expect(await read(one, { maxRecords: 1 })).toEqual([[0, 0, 1, 'a']]);
    expect(await attach(two, { takeOver: true })).toEqual({});
    expect(await read(two)).toEqual([[0, 1, 2, 'b']]);
    for (let i = 0; i < 2; i += 1) expect(await read(one)).toBe('READER_TAKEN_OVER');
    const commit = { offsets: [['orders', 0, 0]] };
    expect(await ask(one, 'readerCommit', commit)).toBe('READER_TAKEN_OVER');
    expect(await attach(one)).toBe('READER_ATTACHED');
    expect(await attach(one, { takeOver: true })).toEqual({});
    expect(await read(two)).toBe('READER_TAKEN_OVER');
    expect(await ask(one, 'readerCommit', commit)).toEqual({});
    expect(await ask(two, 'readerDetach', {})).toEqual({});
    expect(await read(two)).toBe('READER_ATTACHED');
    expect(await ask(one, 'readerDetach', {})).toEqual({});
    expect(await read(two)).toEqual([[0, 0, 2, 'a', 'b']]);
  });

  it('ends a wait for records when it is taken over', async () => {
    await attach(one);
    await read(one);
    one.send('read', { reader: 'r', topic: 'orders', maxWaitMs: 60_000 });
    await attach(two, { takeOver: true });
    expect(await readReply(one)).toBe('READER_TAKEN_OVER');
  });

  it('lets a read under way end before it is taken over', async () => {
    await broker.stop();
    const state: CursorFaults = { failure: undefined };
    broker = await TestBroker.start({}, failingStorage(state));
    one = await broker.withTopic('orders', 1);
    two = await broker.greeted();
    await produce(one, 0, 'a', 'b');
    await attach(one);
    let release = (): void => undefined;
    state.held = new Promise((resolve) => (release = resolve));
    one.send('read', { reader: 'r', topic: 'orders', maxRecords: 1 });
    // Its answer comes behind the read's, which so has begun.
    await ask(two, 'listTopics', {});
    two.send('readerAttach', { reader: 'r', topics, takeOver: true });
    two.send('read', { reader: 'r', topic: 'orders' });
    const third = await broker.greeted();
    await ask(third, 'listTopics', {});
    expect(two.unreadReplies).toBe(0);
    release();
    expect(await readReply(one)).toEqual([[0, 0, 1, 'a']]);
    expect((await two.reply()).kind).toBe('ok');
    expect(await readReply(two)).toEqual([[0, 1, 2, 'b']]);
  });

  it('ends with its connection', async () => {
    await attach(one);
    expect(await attach(two)).toBe('READER_ATTACHED');
    one.destroy();
    await until(() => broker.counter('connectionsOpen') === 1);
    expect(await attach(two)).toEqual({});
    expect(await read(two)).toEqual([[0, 0, 2, 'a', 'b']]);
  });

  it('is all topics or none', async () => {
    await ask(one, 'createTopic', { name: 'more' });
    await attach(one, { topics: ['more'] });
    expect(await attach(two, { topics: ['orders', 'more'] })).toBe('READER_ATTACHED');
    expect(await attach(two, { topics: ['orders', 'none'], takeOver: true })).toBe('UNKNOWN_TOPIC');
    expect(await attach(one, { topics: ['orders', 'more'] })).toEqual({});
    expect(await ask(one, 'readerDetach', { topics: ['more'] })).toEqual({});
    expect(await attach(two, { topics: ['more'] })).toEqual({});
    expect(await attach(two)).toBe('READER_ATTACHED');
  });

  it('ends for whoever has it by a reset or deletion that takes it over', async () => {
    await attach(one);
    const reset = { topics, at: 'latest', takeOver: true };
    expect(await ask(two, 'readerReset', reset)).toBe('UNKNOWN_READER');
    await read(one);
    expect(await ask(two, 'readerReset', reset)).toMatchObject({});
    expect(await read(one)).toBe('READER_TAKEN_OVER');
    await attach(one, { takeOver: true });
    expect(await ask(two, 'readerDelete', { takeOver: true })).toEqual({ topics });
    const told = await one.request('read', { reader: 'r', topic: 'orders' });
    expect(told.fields.message).toMatch(/was taken over by 'raw' at .*: attach it again/);
    expect(await attach(two)).toEqual({});
    await read(two);
    expect(await ask(two, 'readerDelete', {})).toEqual({ topics });
    expect(await ask(one, 'readerDetach', {})).toEqual({});
    expect(await read(one)).toEqual([[0, 0, 2, 'a', 'b']]);
  });

  it(`refuses attachment ${ATTACHMENTS_MAX + 1} of a connection, taken ones counted`, async () => {
    for (let i = 0; i < ATTACHMENTS_MAX; i += 1) {
      one.send('readerAttach', { reader: `r${i}`, topics });
    }
    for (let i = 0; i < ATTACHMENTS_MAX; i += 1) expect((await one.reply()).kind).toBe('ok');
    expect(await attach(one)).toBe('LIMIT_EXCEEDED');
    await attach(two, { reader: 'r7', takeOver: true });
    expect(await attach(one)).toBe('LIMIT_EXCEEDED');
    expect(await attach(one, { reader: 'r8' })).toEqual({});
    await ask(one, 'readerDetach', { reader: 'r7' });
    expect(await attach(one)).toEqual({});
    expect(await attach(two, { reader: 'r8' })).toBe('READER_ATTACHED');
  });

  it('means nothing for a topic that was created anew', async () => {
    await attach(one);
    await ask(two, 'deleteTopic', { name: 'orders' });
    await ask(two, 'createTopic', { name: 'orders' });
    expect(await attach(two)).toEqual({});
    expect(await read(one)).toBe('READER_ATTACHED');
    expect(await ask(one, 'readerDetach', {})).toEqual({});
    expect(await read(two)).toEqual([]);
  });
});
