// zstd by Node's own zlib where it has it (from 22.15 on), else by the same library in WebAssembly.
import * as zlib from 'node:zlib';
import type { Codec } from './codec';
import { malformed, tooLarge, zlibRefusal } from './refusal';
import { zstdSizes } from './zstd-frame';
import { loadZstdWasm, type ZstdLibrary } from './zstd-wasm';

/** What newer versions of Node have in `node:zlib`, and the types of Node 20 do not name. */
interface ZstdInZlib {
  readonly zstdCompressSync: (bytes: Buffer, options: object) => Buffer;
  readonly zstdDecompressSync: (bytes: Buffer, options: object) => Buffer;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

/** As Java's client and the command line tool choose. */
const LEVEL_DEFAULT = 3;
const UNPACK_CHUNK_BYTES = 64 * 1024;

/** Every way to run zstd that this process has, the best one first; none is loaded before use. */
export function zstdLibraries(): { readonly name: string; readonly load: () => ZstdLibrary }[] {
  const own = zlib as unknown as Partial<ZstdInZlib>;
  const libraries = [{ name: '@bokuweb/zstd-wasm', load: loadZstdWasm }];
  if (typeof own.zstdCompressSync !== 'function') return libraries;
  return [{ name: 'node:zlib', load: () => zstdOfZlib(own as ZstdInZlib) }, ...libraries];
}

/** The codec over the best library of this process. */
export function zstd(): Codec {
  return zstdWith(zstdLibraries()[0]!.load());
}

/** The codec over a library. */
export function zstdWith(library: ZstdLibrary): Codec {
  return {
    compress: (records, level = LEVEL_DEFAULT) => library.compress(records, level),

    decompress(stored, bytesMax) {
      const { min, max, frameCount } = zstdSizes(stored);
      if (min > bytesMax) throw tooLarge(bytesMax);
      const records = library.decompress(stored, Math.min(max, bytesMax), frameCount);
      if (records.length >= min) return records;
      throw malformed('zstd', `${records.length} of ${min} bytes came out`);
    },
  };
}

function zstdOfZlib(own: ZstdInZlib): ZstdLibrary {
  return {
    compress(records, level) {
      const params = { [own.constants.ZSTD_c_compressionLevel]: level };
      return own.zstdCompressSync(records, { params });
    },

    decompress(stored, capacity, frameCount) {
      // zlib stops after the first frame without a word. No client of Kafka writes a second one,
      // and a call per frame would make very many small ones slow.
      if (frameCount !== 1) return loadZstdWasm().decompress(stored, capacity, frameCount);
      try {
        const maxOutputLength = Math.max(capacity, 1);
        return own.zstdDecompressSync(stored, { maxOutputLength, chunkSize: UNPACK_CHUNK_BYTES });
      } catch (error) {
        throw zlibRefusal('zstd', error as NodeJS.ErrnoException, capacity);
      }
    },
  };
}
