import { nativeArguments, parsePeerLine, runPeer } from './peer-process';

describe('parsePeerLine', () => {
  it('reads what a peer prints', () => {
    const text = '{"kind":"end","seconds":1.5,"operations":2,"entries":20,"bytes":1000}';
    expect(parsePeerLine(text)).toEqual({
      kind: 'end',
      seconds: 1.5,
      operations: 2,
      entries: 20,
      bytes: 1000,
    });
  });

  it.each(['{}', '{"kind":"end","seconds":1}', '{"kind":"x","seconds":1,"operations":1}', 'text'])(
    'refuses %s',
    (text) => {
      expect(() => parsePeerLine(text)).toThrow();
    },
  );
});

describe('runPeer', () => {
  const line = (kind: string, seconds: number): string =>
    JSON.stringify({ kind, seconds, operations: 1, entries: 1, bytes: 1 });

  it('tells samples from ends', async () => {
    const samples: number[] = [];
    const lines = [line('sample', 1), line('end', 2), line('end', 3)];
    const script = lines.map((text) => `echo '${text}'`).join('; ');
    const ends = await runPeer('sh', ['-c', script], {}, ({ seconds }) => samples.push(seconds));
    expect(samples).toEqual([1]);
    expect(ends.map(({ seconds }) => seconds)).toEqual([2, 3]);
  });

  it('fails when the program does, whatever it printed', async () => {
    const script = `echo '${line('end', 2)}'; exit 3`;
    await expect(runPeer('sh', ['-c', script])).rejects.toThrow('sh ended with 3');
    await expect(runPeer('sh', ['-c', 'kill -9 $$'])).rejects.toThrow('sh ended with SIGKILL');
  });

  it('passes the environment', async () => {
    const ends = runPeer('sh', ['-c', 'echo "$LINE"'], { LINE: line('end', 9) });
    expect((await ends)[0]?.seconds).toBe(9);
  });
});

describe('nativeArguments', () => {
  it('says who syncs and how much is written', () => {
    const load = { directory: '/d', threads: 10, batchEntries: 0, seconds: 2, maxBytes: Infinity };
    const text = (fsync: Parameters<typeof nativeArguments>[1]['fsync']): string =>
      nativeArguments('writes', { ...load, fsync }).join(' ');
    expect(text({ kind: 'sync-each' })).toContain('--sync-each 1 --sync-interval-ms 0');
    expect(text({ kind: 'milliseconds', intervalMs: 100 })).toContain(
      '--sync-each 0 --sync-interval-ms 100',
    );
    expect(text({ kind: 'no-fsync' })).toContain('--max-bytes 9223372036854775808 --sync-each 0');
  });
});
