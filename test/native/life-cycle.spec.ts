import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wal } from '@walrusmq/native';
import { ENDINGS, STAGES, startStage } from './stages';

const APPENDS = 300;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-life-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Records in the stages' log, every one of them read back. */
function storedRecords(): number {
  const wal = Wal.open({ directory });
  const log = wal.openLog(Buffer.alloc(16, 1), 0);
  const { startOffset, readableEnd } = wal.logInfo(log);
  let bytes = 0;
  for (let offset = startOffset; offset < readableEnd; offset += 1) {
    const batch = wal.readSync(log, offset, 0);
    expect(batch.readBigInt64BE(0)).toBe(BigInt(offset));
    bytes = batch.length;
  }
  wal.closeSync();
  expect(readableEnd === startOffset || bytes > 0).toBe(true);
  return readableEnd;
}

describe.each(ENDINGS)('the end of a process by %s', (ending, code) => {
  it.each(STAGES)('is clean at the stage: %s', async (stage) => {
    const { ended, lines, stderr, acknowledged } = await startStage(stage, ending, directory)
      .finished;
    expect({ ended, stderr: code === 0 ? stderr : '' }).toEqual({ ended: code, stderr: '' });
    expect(lines).toContain('ready');
    expect(lines.filter((line) => line.startsWith('failed'))).toEqual([]);
    expect(lines.includes('worker gone')).toBe(ending.startsWith('worker'));
    if (stage === 'require' || stage === 'open failed') return;
    // One more than the numbered ones: the record that the batch was taken from.
    const isWriting = [
      'opened off its thread',
      'appends in flight',
      'closing',
      'closed',
      'closed on its thread',
    ];
    const stored = storedRecords();
    expect(stored).toBeGreaterThanOrEqual(isWriting.includes(stage) ? acknowledged + 1 : 0);
  });
});

describe('a process that has appends in flight', () => {
  it.each(['natural end', 'collected', 'worker ends'])(
    'stays alive until they are settled: %s',
    async (ending) => {
      const { acknowledged } = await startStage('appends in flight', ending, directory).finished;
      expect(acknowledged).toBe(APPENDS);
      expect(storedRecords()).toBe(APPENDS + 1);
    },
  );

  it('keeps what it accepted when it calls process.exit', async () => {
    await startStage('appends in flight', 'process.exit', directory).finished;
    expect(storedRecords()).toBe(APPENDS + 1);
  });
});

describe('a process that is told to end while it opens a log', () => {
  it.each(['natural end', 'process.exit', 'worker exits', 'worker terminated'])(
    'ends once that is over, with the log free again: %s',
    async (ending) => {
      Wal.open({ directory }).closeSync();
      // Whoever opens the log stands still here until somebody comes to write.
      const pipe = join(directory, 'journal.0');
      execFileSync('mkfifo', [pipe]);
      const { child, finished } = startStage('opening', ending, directory);
      let hasEnded = false;
      void finished.then(() => (hasEnded = true));
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      const writer = await untilRead(pipe, () => hasEnded);
      // It was still waited for.
      expect(writer).toBeDefined();
      rmSync(pipe);
      closeSync(writer!);
      const { ended, stderr } = await finished;
      expect({ ended, stderr }).toEqual({ ended: 0, stderr: '' });
      expect(storedRecords()).toBe(0);
    },
  );
});

/** The pipe's end for writing, once somebody reads it; undefined when `isOver` says so first. */
async function untilRead(pipe: string, isOver: () => boolean): Promise<number | undefined> {
  while (!isOver()) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}

describe('the open log', () => {
  it('is LOCKED for another process until its holder is gone, however it went', async () => {
    const wal = Wal.open({ directory });
    const refused = await startStage('open', 'natural end', directory).finished;
    expect(refused.ended).toBe(1);
    expect(refused.stderr).toContain("code: 'LOCKED'");
    await wal.close();
    const holder = startStage('appends in flight', 'natural end', directory);
    holder.child.stdout?.once('data', () => holder.child.kill('SIGKILL'));
    const { acknowledged } = await holder.finished;
    expect(storedRecords()).toBeGreaterThanOrEqual(acknowledged);
  });

  it('says why it was refused', async () => {
    const { lines } = await startStage('open failed', 'natural end', directory).finished;
    expect(lines[0]).toMatch(/^refused (INVALID_INPUT|IO)$/);
  });
});
