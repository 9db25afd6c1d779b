declare module 'kafkajs-snappy' {
  const codec: () => unknown;
  export = codec;
}
declare module 'lz4js' {
  export function compress(bytes: Uint8Array): Uint8Array;
  export function decompress(bytes: Uint8Array): Uint8Array;
}
