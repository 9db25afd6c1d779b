// Bytes of other protocols that reach a Kafka listener by mistake, and what to say of them.

const PREFIX_BYTES = 4;
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 3;
/** The beginning of a msgpack frame: an array of two to fifteen, and its operation's name. */
const ARRAY_MIN = 0x92;
const ARRAY_MAX = 0x9f;
const HELLO = Buffer.from([0xa5, ...Buffer.from('hello')]);

/** Of a length that is none: what its four bytes are the beginning of, if that is known. */
export function foreignLengthOf(length: number): string | undefined {
  const bytes = Buffer.alloc(PREFIX_BYTES);
  bytes.writeUInt32BE(length);
  if (/^[A-Z]{3}[A-Z ]$/.test(bytes.toString('latin1'))) {
    return 'this looks like HTTP, which is answered on --ws-port';
  }
  if (bytes[0] === TLS_HANDSHAKE && bytes[1] === TLS_MAJOR) {
    return 'this looks like TLS, which this listener does not speak: set the client to PLAINTEXT';
  }
  return undefined;
}

/** Of the first frame of a connection: what it is, if that is no Kafka but known. */
export function foreignProtocolOf(frame: Buffer): string | undefined {
  const [first = 0] = frame;
  const isArray = first >= ARRAY_MIN && first <= ARRAY_MAX;
  if (!isArray || !frame.subarray(1, 1 + HELLO.length).equals(HELLO)) return undefined;
  return "this looks like WalrusMQ's own protocol, which is spoken on --port";
}
