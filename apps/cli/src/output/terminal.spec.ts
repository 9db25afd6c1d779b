import { PassThrough, Writable } from 'node:stream';
import { LineWriter, OutputClosedError } from './terminal';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
}

describe('LineWriter', () => {
  it('hands lines on in one piece, at the latest when the event loop turns', async () => {
    const stream = new PassThrough();
    const chunks: string[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    const writer = new LineWriter(stream);
    expect(writer.write('one')).toBeUndefined();
    expect(writer.write(Buffer.from('two'))).toBeUndefined();
    expect(stream.readableLength).toBe(0);
    await turn();
    await turn();
    expect(chunks).toEqual(['one\ntwo\n']);
  });

  it('waits while the reader is slow, and leaves no listeners behind', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const writer = new LineWriter(stream, 8);
    for (let round = 0; round < 20; round += 1) {
      let isDone = false;
      const writing = Promise.resolve(writer.write('0123456789')).then(() => (isDone = true));
      await turn();
      expect(isDone).toBe(false);
      stream.read();
      await writing;
    }
    expect(stream.listenerCount('drain')).toBe(0);
    expect(stream.listenerCount('close')).toBe(0);
  });

  it('tells of a reader that went away, whether it waited for it or not', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const writer = new LineWriter(stream);
    expect(writer.write('never read')).toBeUndefined();
    const flushing = writer.flush();
    stream.destroy(brokenPipe());
    await expect(flushing).rejects.toBeInstanceOf(OutputClosedError);
    expect(writer.closed.aborted).toBe(true);
    await expect(writer.flush()).rejects.toBeInstanceOf(OutputClosedError);
  });

  it('says of any other failure that the output could not be written', async () => {
    const failure = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(failure) });
    const writer = new LineWriter(stream);
    expect(writer.write('lost')).toBeUndefined();
    await turn();
    const message = 'cannot write to standard output: disk full';
    await expect(writer.flush()).rejects.toMatchObject({ name: 'CliError', message });
  });
});
