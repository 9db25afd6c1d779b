import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOG_BYTES_MAX, openBrokerLog } from './broker-log';

const LINE = 'x'.repeat(64 * 1024);
const SETTINGS = { logLevel: 'info', logFormat: 'json' } as const;

describe('the log that nobody reads', () => {
  let directory: string;
  let fd: number;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'walrusmq-log-'));
    const path = join(directory, 'stderr');
    if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo failed');
    // Open for both, so that neither opening nor writing needs a reader.
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  });
  afterEach(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  });

  /** What can be read now. */
  const readAll = (): string => {
    const buffer = Buffer.alloc(1024 * 1024);
    let text = '';
    for (;;) {
      try {
        text += buffer.toString('latin1', 0, readSync(fd, buffer));
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
        return text;
      }
    }
  };

  it('keeps 4 MiB, drops what comes on top, and says later how much that was', async () => {
    const { logger } = openBrokerLog(SETTINGS, fd);
    const kept = Math.floor(LOG_BYTES_MAX / LINE.length);
    for (let i = 0; i < kept + 10; i += 1) logger.info(LINE);
    let text = '';
    while (!text.includes('log lines were lost')) {
      text += readAll();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const lines = text.split('\n').filter((line) => line.length > 0);
    const said = JSON.parse(lines.at(-1)!) as { lines: number; msg: string };
    expect(said.lines).toBeGreaterThanOrEqual(10);
    expect(lines.length - 1 + said.lines).toBe(kept + 10);
    expect(text.length).toBeLessThanOrEqual(LOG_BYTES_MAX + LINE.length);
  });
});

it('has one line for each event for people, too, what it is about behind it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'walrusmq-log-'));
  const path = join(directory, 'stderr');
  const fd = openSync(path, 'w');
  const log = openBrokerLog({ logLevel: 'info', logFormat: 'pretty' }, fd);
  log.logger.info({ counters: { requests: 5, appends: 2 } }, 'connections closed');
  log.logger.warn('second');
  log.flush();
  closeSync(fd);
  const lines = readFileSync(path, 'utf8').split('\n');
  rmSync(directory, { recursive: true });
  expect(lines).toEqual([
    expect.stringMatching(/INFO.*connections closed.*\{"requests":5,"appends":2\}/),
    expect.stringMatching(/WARN.*second/),
    '',
  ]);
});
