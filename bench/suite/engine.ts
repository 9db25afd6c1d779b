// How a worker thread opens the engine: the one place that knows whether threads share it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ReadConsistency, Walrus } from '@walrusmq/storage';
import type { Settings } from './settings';

/** What opening depends on. */
export type EngineSettings = Pick<Settings, 'fsync' | 'persistEvery' | 'backend'>;

/** The directory of a thread's engine, within that of the run. */
function directoryOf(directory: string, thread: number): string {
  return join(directory, String(thread));
}

/**
 * Opens the engine of one thread.
 * @throws {StorageError} As `Walrus.open`.
 */
export function openEngine(directory: string, thread: number, settings: EngineSettings): Walrus {
  const { persistEvery, fsync: fsyncSchedule } = settings;
  const own = directoryOf(directory, thread);
  mkdirSync(own, { recursive: true });
  const readConsistency =
    persistEvery === 1
      ? ReadConsistency.StrictlyAtOnce
      : ReadConsistency.AtLeastOnce({ persistEvery });
  return Walrus.open({ directory: own, fsyncSchedule, readConsistency });
}
