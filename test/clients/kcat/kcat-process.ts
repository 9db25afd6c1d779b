// kcat as a process, run to its end or until it has said enough.
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

const STDERR_KEPT = 65_536;
const SHOWN = 2_000;
const RUN_MAX_MS = 60_000;

export interface KcatResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * One run of kcat.
 *
 * Life: it runs from the constructor on; `finished` resolves when it has ended, by itself or by
 * `end`.
 */
export class KcatProcess {
  readonly finished: Promise<KcatResult>;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly stdoutParts: string[] = [];
  private stderrKept = '';
  private hasEnded = false;
  /** Emits `change` whenever it says something, and when it ends. */
  private readonly changes = new EventEmitter();

  constructor(bootstrap: string, args: readonly string[]) {
    this.child = spawn('kcat', ['-b', bootstrap, ...args]);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdoutParts.push(text);
      this.changes.emit('change');
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderrKept = (this.stderrKept + text).slice(-STDERR_KEPT);
      this.changes.emit('change');
    });
    // It may end without having read all of its input; its end says why.
    this.child.stdin.on('error', () => undefined);
    this.finished = once(this.child, 'close').then(
      ([code]) => {
        this.hasEnded = true;
        this.changes.emit('change');
        return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
      },
      (error: unknown) => {
        throw new Error(`kcat did not start (apt-get install -y kcat): ${String(error)}`);
      },
    );
    // Whoever ends it early has nobody waiting.
    this.finished.catch(() => undefined);
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.stdoutParts.join('');
  }

  /** What it has told so far, the last 65,536 characters. */
  get stderr(): string {
    return this.stderrKept;
  }

  /** Gives it all of its input. */
  write(input: string): void {
    this.child.stdin.end(input);
  }

  /** SIGTERM, on which it commits and leaves its group; resolves once it has ended. */
  end(): Promise<KcatResult> {
    this.child.kill('SIGTERM');
    return this.finished;
  }

  /**
   * Resolves once the condition holds, which is asked whenever it has said something.
   *
   * @throws {Error} It ended first, or never came so far; the error has its output.
   */
  async until(condition: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(RUN_MAX_MS);
    while (!condition()) {
      const isOver = this.hasEnded || signal.aborted;
      if (isOver) throw new Error(`kcat never came to ${what}:\n${this.said}`);
      // Rejects at the end of the time, after which the loop says so.
      await once(this.changes, 'change', { signal }).catch(() => undefined);
    }
  }

  private get said(): string {
    return `${this.stdout.slice(-SHOWN)}\n${this.stderr.slice(-SHOWN)}`;
  }
}

/** Whether kcat is there to be run. */
export function hasKcat(): boolean {
  return spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0;
}

/** Runs kcat to its end, with an input; SIGTERM when it takes too long. */
export async function runKcat(
  bootstrap: string,
  args: readonly string[],
  input = '',
  withinMs = RUN_MAX_MS,
): Promise<KcatResult> {
  const kcat = new KcatProcess(bootstrap, args);
  kcat.write(input);
  const timer = setTimeout(() => void kcat.end(), withinMs);
  try {
    return await kcat.finished;
  } finally {
    clearTimeout(timer);
  }
}
