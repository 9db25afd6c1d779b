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
  const { stdout } = spawnSync('stat', ['-f', '-c', '%T', directory], { encoding: 'utf8' });
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    kernel: release(),
    fileSystem: stdout.trim() || 'unknown',
    node: process.versions.node,
  };
}
