import fc from 'fast-check';
import { ReplyQueue } from './reply-queue';

const reply = (text: string): Buffer[] => [Buffer.from(text)];

describe('ReplyQueue', () => {
  it('gives replies in request order, whatever order they complete in', () => {
    const orders = fc.integer({ min: 1, max: 30 }).chain((count) => {
      const numbers = Array.from({ length: count }, (_, i) => i);
      return fc.shuffledSubarray(numbers, { minLength: count, maxLength: count });
    });
    fc.assert(
      fc.property(orders, (order) => {
        const queue = new ReplyQueue();
        const slots = order.map((_, i) => queue.open(i));
        const taken: string[] = [];
        for (const at of order) {
          queue.complete(slots[at]!, reply(`${at};`));
          taken.push(...queue.takeReady(() => true).map(String));
        }
        expect(taken).toEqual(order.map((_, i) => `${i};`));
        expect([queue.length, queue.heldBytes]).toEqual([0, 0]);
      }),
    );
  });

  it('counts a request until it is taken and a reply from its completion', () => {
    const queue = new ReplyQueue();
    const first = queue.open(100);
    const second = queue.open(10);
    expect(queue.heldBytes).toBe(110);
    queue.complete(second, reply('12345'));
    expect([queue.heldBytes, queue.isReady]).toEqual([115, false]);
    queue.complete(first, []);
    expect(queue.isReady).toBe(true);
    expect(queue.takeReady(() => true).map(String)).toEqual(['12345']);
    expect(queue.heldBytes).toBe(0);
  });

  it('holds nothing once it is cleared', () => {
    const queue = new ReplyQueue();
    queue.complete(queue.open(1), reply('a'));
    queue.clear();
    expect([queue.length, queue.heldBytes, queue.isReady]).toEqual([0, 0, false]);
  });

  it('has a page until its reply is taken', () => {
    const queue = new ReplyQueue();
    const page = queue.open(1, { carriesRecords: false, carriesPage: true });
    queue.open(1);
    expect(queue.hasPage).toBe(true);
    queue.complete(page, reply('page'));
    expect(queue.hasPage).toBe(true);
    queue.takeReady(() => true);
    expect([queue.hasPage, queue.length]).toEqual([false, 1]);
  });

  it('gives no reply from behind the request that ended the connection', () => {
    const queue = new ReplyQueue();
    const [before, ending, behind, late] = [
      queue.open(1),
      queue.open(2),
      queue.open(4),
      queue.open(8),
    ];
    queue.complete(behind, reply('behind'));
    queue.dropBehind(ending);
    queue.complete(late, reply('late'));
    queue.noteRequest(late, 1_000);
    expect(queue.heldBytes).toBe(3);
    queue.complete(ending, []);
    queue.complete(before, reply('before'));
    expect(queue.takeReady(() => true).map(String)).toEqual(['before']);
    expect([queue.length, queue.heldBytes]).toEqual([0, 0]);
    // One that was dropped drops nobody.
    const next = queue.open(1);
    queue.dropBehind(late);
    expect([queue.length, next.isDropped]).toEqual([1, false]);
  });
});
