// Cores that do not sleep while latencies are measured. A core of a virtual machine that sleeps
// is given back to the host, and may take milliseconds to be woken: at rates that leave the cores
// idle most of the time, that is what a latency shows, of any broker and of a bare loop alike.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** Ends with its parent, which it looks for every few milliseconds. */
const LOOP =
  'while kill -0 $PPID; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done 2>/dev/null';
/** Of SCHED_IDLE: it runs only while a core has nothing else to do, and gives way at once. */
const IDLE = ['chrt', '--idle', '0'] as const;

/** Life: the cores are busy from the constructor until `end`. */
export class AwakeCores {
  private readonly loops: readonly ChildProcess[];

  /** @param wanted False, or a system without `chrt`: nothing is started. */
  constructor(wanted: boolean) {
    const possible = wanted && spawnSync(IDLE[0], ['--version']).status === 0;
    this.loops = Array.from({ length: possible ? availableParallelism() : 0 }, () =>
      spawn(IDLE[0], [...IDLE.slice(1), 'sh', '-c', LOOP], { stdio: 'ignore' }),
    );
    process.once('exit', this.kill);
  }

  /** What a reader of the figures has to know. */
  get note(): string {
    return this.loops.length > 0
      ? 'cores kept awake by loops of idle priority (--sleep lets them sleep)'
      : 'cores may sleep between requests, which costs a virtual machine up to milliseconds';
  }

  /** Ends the loops and waits until they are gone. */
  async end(): Promise<void> {
    const ended = this.loops.map((loop) => once(loop, 'exit'));
    this.kill();
    process.off('exit', this.kill);
    await Promise.all(ended);
  }

  private readonly kill = (): void => {
    for (const loop of this.loops) loop.kill('SIGKILL');
  };
}
