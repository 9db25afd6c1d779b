// zstd in WebAssembly, for Nodes whose zlib lacks it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RecordBatchError } from '../record-batch-error';
import { malformed, tooLarge } from './refusal';

/** One way to run zstd. What it unpacks has been walked by `zstdSizes`. */
export interface ZstdLibrary {
  compress(records: Buffer, level: number): Buffer;
  /**
   * @param capacity More cannot come of frames that are whole, or may not.
   * @param frameCount How many frames there are.
   * @throws {RecordBatchError} TOO_LARGE: more than `capacity`. MALFORMED.
   */
  decompress(stored: Buffer, capacity: number, frameCount: number): Buffer;
}

/** The part of Emscripten's module that is used. Pointers and sizes are 32-bit numbers. */
interface ZstdModule {
  HEAPU8: Uint8Array | undefined;
  instantiateWasm?: (imports: object, receive: (instance: object) => unknown) => unknown;
  readonly init: () => void;
  readonly _malloc: (bytes: number) => number;
  readonly _free: (pointer: number) => void;
  readonly _ZSTD_isError: (code: number) => number;
  readonly _ZSTD_compressBound: (bytes: number) => number;
  readonly _ZSTD_compress: (
    target: number,
    capacity: number,
    source: number,
    bytes: number,
    level: number,
  ) => number;
  readonly _ZSTD_decompress: (
    target: number,
    capacity: number,
    source: number,
    bytes: number,
  ) => number;
}

/** zstd's errors are negated codes; this one is kept stable (zstd_errors.h). */
const TARGET_TOO_SMALL = -70;

/**
 * Compiles the module, which takes some milliseconds, and does it synchronously, so that decoding
 * a batch never waits. The memory of the module grows to what the largest batch needed, at most its
 * stored and its unpacked bytes, and is kept.
 */
export function loadZstdWasm(): ZstdLibrary {
  const module = loadModule();
  return {
    compress: (records, level) => compress(module, records, level),
    decompress: (stored, capacity) => decompress(module, stored, capacity),
  };
}

function loadModule(): ZstdModule {
  // The package's init() is asynchronous, so its module is taken from behind its door; by way of
  // the door, so that whoever else in the process calls init() finds it done.
  const door = require.resolve('@bokuweb/zstd-wasm');
  /* eslint-disable @typescript-eslint/no-require-imports -- import() would make decoding wait */
  require(door);
  const { Module: module } = require(join(dirname(door), 'module.js')) as { Module: ZstdModule };
  /* eslint-enable @typescript-eslint/no-require-imports */
  if (module.HEAPU8 !== undefined) return module;
  module.instantiateWasm = (imports, receive) => {
    // A second instance beside the first would mix up their memories.
    if (module.HEAPU8 !== undefined) return;
    const { Module, Instance } = wasm;
    receive(new Instance(new Module(readFileSync(join(dirname(door), 'zstd.wasm'))), imports));
  };
  module.init();
  return module;
}

/** `WebAssembly`, whose types come with those of browsers. */
const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
}

function compress(module: ZstdModule, records: Buffer, level: number): Buffer {
  const bound = module._ZSTD_compressBound(records.length);
  return withBuffers(module, records, bound, (source, target) => {
    const size = module._ZSTD_compress(target, bound, source, records.length, level);
    if (module._ZSTD_isError(size) === 0) return size;
    throw new RecordBatchError('TOO_LARGE', `zstd cannot compress: error ${-size}`);
  });
}

function decompress(module: ZstdModule, stored: Buffer, capacity: number): Buffer {
  return withBuffers(module, stored, capacity, (source, target) => {
    const size = module._ZSTD_decompress(target, capacity, source, stored.length);
    if (size === TARGET_TOO_SMALL) throw tooLarge(capacity);
    if (module._ZSTD_isError(size) === 0) return size;
    throw malformed('zstd', `the library says error ${-size}`);
  });
}

/** Runs with a copy of `input` and `capacity` bytes for what comes of it, and copies that out. */
function withBuffers(
  module: ZstdModule,
  input: Buffer,
  capacity: number,
  run: (source: number, target: number) => number,
): Buffer {
  const source = allocate(module, input.length);
  try {
    const target = allocate(module, capacity);
    try {
      // Allocating may have moved the memory.
      module.HEAPU8!.set(input, source);
      const size = run(source, target);
      return Buffer.from(module.HEAPU8!.subarray(target, target + size));
    } finally {
      module._free(target);
    }
  } finally {
    module._free(source);
  }
}

function allocate(module: ZstdModule, bytes: number): number {
  const pointer = module._malloc(Math.max(bytes, 1));
  if (pointer !== 0) return pointer;
  throw new RecordBatchError('TOO_LARGE', `zstd has no memory for ${bytes} bytes`);
}
