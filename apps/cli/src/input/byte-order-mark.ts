const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The same bytes without a UTF-8 byte order mark at their start, which JSON does not allow. */
export async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < MARK.length) continue;
    yield MARK.equals(head.subarray(0, MARK.length)) ? head.subarray(MARK.length) : head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}
