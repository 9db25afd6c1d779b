import type { Backend } from './instance-storage';
import { callNative, loadAddon } from './native-binding';
import { lineSink } from './operator-lines';

/**
 * Instances opened from here on, in every thread of the process, use descriptors with io_uring and
 * store small appends (`auto`), as they do at first; one whose options name a backend uses that.
 * @throws {AddonError} The native engine is not built.
 */
export function enableFdBackend(): void {
  setDefaultBackend('auto');
}

/**
 * Instances opened from here on use memory maps. See `enableFdBackend`.
 * @throws {AddonError} The native engine is not built.
 */
export function disableFdBackend(): void {
  setDefaultBackend('mmap');
}

function setDefaultBackend(backend: Backend): void {
  callNative(() => {
    loadAddon().setDefaultBackend(backend);
  });
  lineSink(undefined)(`walrus: instances that are opened from now on use the backend ${backend}`);
}
