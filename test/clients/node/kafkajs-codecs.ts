// The codecs that kafkajs leaves to its users, plugged in once per process.
import { compress as zstdCompress, decompress as zstdDecompress, init } from '@bokuweb/zstd-wasm';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import SnappyCodec from 'kafkajs-snappy';
import { compressFrame, decompressFrame } from 'lz4-napi';

interface Encoder {
  readonly buffer: Buffer;
}

let isPlugged = false;

/** Resolves once kafkajs reads and writes all five codecs. */
export async function plugCodecs(): Promise<void> {
  if (isPlugged) return;
  isPlugged = true;
  await init();
  CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: Encoder) => compressFrame(buffer),
    decompress: (bytes: Buffer) => decompressFrame(bytes),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: Encoder) => Promise.resolve(Buffer.from(zstdCompress(buffer, 3))),
    decompress: (bytes: Buffer) => Promise.resolve(Buffer.from(zstdDecompress(bytes))),
  });
}
