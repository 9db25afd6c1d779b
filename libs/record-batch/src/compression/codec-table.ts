// The codecs that a batch can be compressed with, each loaded when a batch first needs it.
import type { Compression } from '../batch-header';
import type { Codec } from './codec';

/* eslint-disable @typescript-eslint/no-require-imports -- import() would make decoding wait */
const LOAD: Readonly<Record<Exclude<Compression, 'none'>, () => Codec>> = {
  gzip: () => (require('./gzip') as typeof import('./gzip')).gzip,
  snappy: () => (require('./snappy') as typeof import('./snappy')).snappy,
  lz4: () => (require('./lz4-frame') as typeof import('./lz4-frame')).lz4,
  zstd: () => (require('./zstd') as typeof import('./zstd')).zstd(),
};
/* eslint-enable @typescript-eslint/no-require-imports */

const loaded = new Map<Compression, Codec>();

/** The codec of that name; loads it the first time. */
export function codecOf(name: Exclude<Compression, 'none'>): Codec {
  let codec = loaded.get(name);
  if (codec === undefined) {
    codec = LOAD[name]();
    loaded.set(name, codec);
  }
  return codec;
}
