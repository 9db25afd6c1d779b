// Replies leave in request order, whatever the broker finishes first.
import { encodeFrame } from '@walrusmq/protocol';
import { codeOf } from './raw-client';
import { AppendGate, STORAGES, TestBroker, batchOf } from './test-broker';

describe('order on one connection', () => {
  let broker: TestBroker;
  afterEach(() => broker.stop());

  it('holds back replies that are ready behind a fetch that waits', async () => {
    broker = await TestBroker.start();
    const client = await broker.withTopic();
    const other = await broker.greeted();
    const fetch = { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 };
    const ids = [client.send('fetch', fetch)];
    for (let i = 0; i < 20; i += 1) ids.push(client.send('metadata', {}));
    // The second connection is answered meanwhile, and its record ends the wait of the first.
    const produce = { topic: 'orders', partition: 0, acks: 1 };
    expect(codeOf(await other.request('produce', produce, [batchOf('x')]))).toBe('ok');
    const replies = [];
    for (let i = 0; i < ids.length; i += 1) replies.push(await client.reply());
    expect(replies.map((reply) => reply.correlationId)).toEqual(ids);
    expect(replies[0]?.tail).not.toEqual([]);
  });

  it.each(STORAGES)('gives pipelined produces their offsets in order on %s', async (_, open) => {
    broker = await TestBroker.start({ fsync: { kind: 'no-fsync' } }, open);
    const client = await broker.withTopic();
    const count = 2_000;
    const frames: Buffer[] = [];
    for (let i = 0; i < count; i += 1) {
      const request = { topic: 'orders', partition: 0, acks: i % 2 === 0 ? 1 : -1 };
      frames.push(...encodeFrame('produce', i, request, [batchOf(`value ${i}`)]));
    }
    client.write(Buffer.concat(frames));
    for (let i = 0; i < count; i += 1) {
      const reply = await client.reply();
      expect([reply.correlationId, reply.fields.baseOffset]).toEqual([i, i]);
    }
  });

  it('answers the same whether a frame comes whole or byte by byte', async () => {
    broker = await TestBroker.start();
    const client = await broker.withTopic();
    client.socket.setNoDelay(true);
    const request = { topic: 'orders', partition: 0, acks: -1 };
    const bytes = Buffer.concat(encodeFrame('produce', 9, request, [batchOf('in', 'pieces')]));
    for (const byte of bytes) client.write(Buffer.from([byte]));
    expect((await client.reply()).fields).toEqual({ partition: 0, baseOffset: 0, recordCount: 2 });
  });

  it('acknowledges nothing before the log does', async () => {
    const gate = new AppendGate();
    broker = await TestBroker.start({}, gate.openStorage);
    const client = await broker.withTopic();
    const other = await broker.greeted();
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
    client.send('metadata', {});
    // The record is readable, so the log has taken the produce; its reply is held all the same.
    await other.request('fetch', { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 });
    expect(client.unreadReplies).toBe(0);
    gate.open();
    expect((await client.reply()).fields.baseOffset).toBe(0);
    expect(codeOf(await client.reply())).toBe('ok');
  });
});
