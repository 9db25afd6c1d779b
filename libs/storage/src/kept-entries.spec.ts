import { KeptEntries } from './kept-entries';

class Keeper {
  bytes = 0;
  constructor(private readonly kept: KeptEntries) {}
  keep(bytes: number): void {
    const delta = bytes - this.bytes;
    this.bytes = bytes;
    this.kept.changed(this, delta);
  }
  forget(): void {
    this.keep(0);
  }
}

describe('KeptEntries', () => {
  it('lets those forget that read ahead longest ago', () => {
    const kept = new KeptEntries(100);
    const [a, b, c] = [new Keeper(kept), new Keeper(kept), new Keeper(kept)] as const;
    a.keep(40);
    b.keep(40);
    a.keep(41);
    c.keep(30);
    expect([a.bytes, b.bytes, c.bytes]).toEqual([41, 0, 30]);
    expect(kept.bytes).toBe(71);
  });

  it('never takes from the one that reads, however much that is', () => {
    const kept = new KeptEntries(100);
    const [a, b] = [new Keeper(kept), new Keeper(kept)] as const;
    a.keep(10);
    b.keep(500);
    expect([a.bytes, b.bytes]).toEqual([0, 500]);
    a.keep(1);
    expect([a.bytes, b.bytes]).toEqual([1, 0]);
    a.forget();
    expect(kept.bytes).toBe(0);
  });
});
