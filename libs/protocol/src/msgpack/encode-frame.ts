import { MessageWriter } from './message-writer';

const PREFIX_BYTES = 4;
const LENGTH_MAX = 0x7fffffff;
const CORRELATION_ID_MAX = 0xffffffff;

/**
 * One frame as the pieces to write to a socket: the head, length prefix and header of the bin
 * included, then the pieces of `tail` as they are, not copied. Without `tail` there is no bin; an
 * empty `tail` is a bin of no bytes.
 *
 * @param kind An operation's name, or "ok" or "error" for a reply.
 * @throws {TypeError} A field of a type that msgpack has no plain form for.
 * @throws {RangeError} A correlation id that is no unsigned 32-bit integer, or over 2 GiB.
 */
export function encodeFrame(
  kind: string,
  correlationId: number,
  fields: object,
  tail?: readonly Buffer[],
): Buffer[] {
  if (correlationId >>> 0 !== correlationId || correlationId > CORRELATION_ID_MAX) {
    throw new RangeError(`correlation id ${correlationId} is no unsigned 32-bit integer`);
  }
  const writer = new MessageWriter(PREFIX_BYTES);
  writer.writeArrayHeader(tail === undefined ? 3 : 4);
  writer.write(kind);
  writer.write(correlationId);
  writer.write(fields, 1);
  let tailBytes = 0;
  if (tail !== undefined) {
    for (const piece of tail) tailBytes += piece.length;
    if (tailBytes > LENGTH_MAX) throw new RangeError(`a bin of ${tailBytes} bytes fits no frame`);
    writer.writeBinHeader(tailBytes);
  }
  const head = writer.take();
  const bodyBytes = head.length - PREFIX_BYTES + tailBytes;
  if (bodyBytes > LENGTH_MAX) throw new RangeError(`${bodyBytes} bytes fit no frame`);
  head.writeUInt32BE(bodyBytes, 0);
  return tail === undefined ? [head] : [head, ...tail];
}
