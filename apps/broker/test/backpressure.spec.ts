// What one client, or all together, can make the broker hold.
import { encodeFrame } from '@walrusmq/protocol';
import { codeOf, type RawClient } from './raw-client';
import { AppendGate, TestBroker, batchOf, until } from './test-broker';

const KIB = 1024;
const MIB = 1024 * KIB;
const PRODUCE = { topic: 'orders', partition: 0, acks: 1 };

describe('backpressure', () => {
  let broker: TestBroker;
  afterEach(() => broker.stop());

  it('holds a bounded number of replies for a client that never reads', async () => {
    broker = await TestBroker.start({ connectionBytesMax: MIB });
    const writer = await broker.withTopic();
    for (let i = 0; i < 4; i += 1) {
      await writer.request('produce', PRODUCE, [batchOf('x'.repeat(MIB - KIB))]);
    }
    const deaf = await broker.greeted();
    deaf.socket.pause();
    const fetches = 2_000;
    for (let i = 0; i < fetches; i += 1) {
      deaf.send('fetch', { partitions: [['orders', 0, 0]], maxBytes: 4 * MIB });
    }
    // Once the broker has stopped reading, the other client's request still gets through, and what
    // is held stays where it is.
    let held = -1;
    while (held !== broker.counter('heldBytes')) {
      held = broker.counter('heldBytes');
      for (let i = 0; i < 50; i += 1) await writer.request('metadata', {});
    }
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(2 * 4 * MIB + MIB);
    expect(broker.counter('requests')).toBeLessThan(fetches);

    deaf.socket.resume();
    for (let i = 0; i < fetches; i += 1) {
      const reply = await deaf.reply();
      expect(reply.tailBytes).toBeGreaterThan(3 * MIB);
      if (i === 30) break;
    }
  });

  it('works on no more requests of a connection than the limit at a time', async () => {
    const gate = new AppendGate();
    broker = await TestBroker.start({ connectionRequestsMax: 8 }, gate.openStorage);
    const client = await broker.withTopic();
    const frames = Array.from({ length: 100 }, (_, i) =>
      encodeFrame('produce', i, PRODUCE, [batchOf(`value ${i}`)]),
    );
    client.write(Buffer.concat(frames.flat()));
    await until(() => gate.appends === 8);
    expect(gate.appends).toBe(8);
    gate.open();
    for (let i = 0; i < 100; i += 1) expect((await client.reply()).correlationId).toBe(i);
  });

  it('keeps the bytes of a connection to the limit, but takes one large request', async () => {
    const gate = new AppendGate();
    broker = await TestBroker.start({ connectionBytesMax: 64 * KIB }, gate.openStorage);
    const client = await broker.withTopic();
    const small = batchOf('x'.repeat(30 * KIB));
    for (let i = 0; i < 10; i += 1) client.send('produce', PRODUCE, [small]);
    await until(() => gate.appends === 2);
    expect(gate.appends).toBe(2);

    const other = await broker.greeted();
    other.send('produce', PRODUCE, [batchOf('x'.repeat(500 * KIB))]);
    await until(() => gate.appends === 3);
    gate.open();
    for (let i = 0; i < 10; i += 1) expect(codeOf(await client.reply())).toBe('ok');
    expect(codeOf(await other.reply())).toBe('ok');
  });

  it('stops reading everybody at the total limit, and goes on when there is room', async () => {
    const gate = new AppendGate();
    broker = await TestBroker.start({ requestBytesMax: MIB }, gate.openStorage);
    const batch = batchOf('x'.repeat(500 * KIB));
    const clients: RawClient[] = [await broker.withTopic()];
    while (clients.length < 10) clients.push(await broker.greeted());
    for (const client of clients) client.send('produce', PRODUCE, [batch]);
    // Over the limit by the chunks that were on their way and by the one overdraft.
    await until(() => gate.appends >= 1 && broker.counter('heldBytes') >= MIB);
    const held = broker.counter('heldBytes');
    expect(held).toBeLessThan(MIB + 11 * 64 * KIB + 500 * KIB);
    expect(gate.appends).toBeLessThan(10);
    gate.open();
    for (const client of clients) expect(codeOf(await client.reply())).toBe('ok');
    await until(() => broker.counter('heldBytes') === 0);
  });

  it('refuses connections over the limit cleanly and takes new ones later', async () => {
    broker = await TestBroker.start({ connectionsMax: 2 });
    const first = await broker.greeted();
    await broker.greeted();
    const third = await broker.connect();
    expect(codeOf(await third.reply())).toBe('BUSY');
    await third.closed;
    first.destroy();
    await until(() => broker.counter('connectionsOpen') === 1);
    expect(codeOf(await (await broker.greeted()).request('metadata', {}))).toBe('ok');
  });
});
