// How a worker thread opens the engine: the one place that knows whether threads share it.
import { ReadConsistency, Walrus } from '@walrusmq/storage';
import type { Settings } from './settings';

/** What opening depends on. */
export type EngineSettings = Pick<Settings, 'fsync' | 'persistEvery' | 'backend'>;

/**
 * Opens the engine for one thread of a run; all of them share one engine on the run's directory.
 * @throws {StorageError} As `Walrus.open`.
 */
export function openEngine(directory: string, settings: EngineSettings): Walrus {
  const { persistEvery, fsync: fsyncSchedule, backend } = settings;
  const readConsistency =
    persistEvery === 1
      ? ReadConsistency.StrictlyAtOnce
      : ReadConsistency.AtLeastOnce({ persistEvery });
  const options = { directory, fsyncSchedule, readConsistency };
  return Walrus.open(backend === undefined ? options : { ...options, backend });
}
