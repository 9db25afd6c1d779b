import { OpeningLine } from './opening-line';

/** Opens what the test lets it open. */
class Doors {
  readonly begun: string[] = [];
  private readonly ends = new Map<
    string,
    { resolve: () => void; reject: (error: Error) => void }
  >();

  readonly open = (key: string): Promise<void> => {
    this.begun.push(key);
    return new Promise((resolve, reject) => this.ends.set(key, { resolve, reject }));
  };

  /** The one with this key is open; returns once what follows from that was done. */
  async opened(key: string): Promise<void> {
    this.ends.get(key)?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async failed(key: string, error: Error): Promise<void> {
    this.ends.get(key)?.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('OpeningLine', () => {
  let doors: Doors;
  let line: OpeningLine;
  beforeEach(() => {
    doors = new Doors();
    line = new OpeningLine(doors.open, 2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) line.add(key);
  });

  it('opens as many at a time as it may, in order', async () => {
    let isOver = false;
    const all = line.begin().then(() => (isOver = true));
    expect(doors.begun).toEqual(['a', 'b']);
    await doors.opened('b');
    expect(doors.begun).toEqual(['a', 'b', 'c']);
    for (const key of ['a', 'c', 'd']) await doors.opened(key);
    expect(doors.begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(isOver).toBe(false);
    await doors.opened('e');
    await all;
  });

  it('lets the one that somebody waits for go first, and none twice', async () => {
    const all = line.begin();
    line.hasten('e');
    line.hasten('a');
    line.hasten('nobody');
    for (const key of ['a', 'e', 'b', 'c', 'd']) await doors.opened(key);
    await all;
    expect(doors.begun).toEqual(['a', 'b', 'e', 'c', 'd']);
  });

  it('begins no other once it is stopped, and is idle when the last is open', async () => {
    const all = line.begin();
    line.stop();
    let isIdle = false;
    const idle = line.idle().then(() => (isIdle = true));
    await doors.opened('a');
    expect(isIdle).toBe(false);
    await doors.opened('b');
    await Promise.all([idle, all]);
    expect(doors.begun).toEqual(['a', 'b']);
  });

  it('tells of an error, goes on beside it, and is idle only after that', async () => {
    const refused = line.begin().catch((error: unknown) => error);
    await doors.failed('a', new Error('no'));
    expect(await refused).toEqual(new Error('no'));
    let isIdle = false;
    const idle = line.idle().then(() => (isIdle = true));
    for (const key of ['b', 'c', 'd']) await doors.opened(key);
    expect(isIdle).toBe(false);
    await doors.opened('e');
    await idle;
  });

  it('is idle before anything was begun', async () => {
    await line.idle();
    expect(doors.begun).toEqual([]);
  });
});
