import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release } from 'node:os';

/** What figures depend on, and nothing that says whose machine it is. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly kernel: string;
  readonly fileSystem: string;
  readonly node: string;
}

/** @param directory Lies on the file system that is measured. */
export function describeMachine(directory: string): Machine {
  const { status, stdout } = spawnSync('df', ['--output=fstype', directory], { encoding: 'utf8' });
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    kernel: release(),
    fileSystem: (status === 0 && stdout.trim().split('\n').at(-1)) || 'unknown',
    node: process.versions.node,
  };
}
