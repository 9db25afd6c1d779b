import { xxhash32 } from './xxhash32';

/** As the reference implementation hashes them with seed 0 (xxhsum, Python's xxhash). */
it.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['abcdefghijklmnopqrstuvwxyz', 0x63a14d5f],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('hashes %j as the reference does', (text, hash) => {
  const bytes = Buffer.from(`--${text}--`);
  expect(xxhash32(bytes, 2, bytes.length - 2)).toBe(hash);
});
