import fc from 'fast-check';
import { ChunkList } from './chunk-list';

describe('ChunkList', () => {
  it('gives back the bytes in their order', () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.nat(3000)), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const sent = lengths.map((length, index) => Buffer.alloc(length, index));
        const list = new ChunkList();
        for (const piece of sent) list.push(piece);
        expect(list.sizeBytes).toBe(Buffer.concat(sent).length);
        expect(Buffer.concat(list.take()).equals(Buffer.concat(sent))).toBe(true);
        expect([list.sizeBytes, list.take()]).toEqual([0, []]);
      }),
    );
  });

  it('keeps one piece, and large ones, as they are', () => {
    const list = new ChunkList();
    const small = Buffer.from('small');
    list.push(small);
    expect(list.take()[0]).toBe(small);
    const large = [Buffer.alloc(5000), Buffer.alloc(6000)];
    for (const piece of large) list.push(piece);
    expect(list.take().every((piece, index) => piece === large[index])).toBe(true);
  });

  it('gathers bytes that come one by one', () => {
    const list = new ChunkList();
    for (let count = 0; count < 100_000; count++) list.push(Buffer.from([count & 0xff]));
    expect(list.take().length).toBeLessThan(100_000 / 4000 + 3);
  });
});
