// What the writing process tells the one that will kill it, through a pipe that outlives it.

/** A call is about to be made, or its records are in the files. */
export interface Note {
  readonly kind: 'sent' | 'acknowledged';
  readonly firstId: number;
  readonly recordCount: number;
  readonly partition: number;
  /** Of the first record; 0 in a note of kind 'sent'. */
  readonly baseOffset: number;
}

const NOTE_BYTES = 20;

export function encodeNote(note: Note): Buffer {
  const bytes = Buffer.allocUnsafe(NOTE_BYTES);
  bytes.writeUInt32LE(note.kind === 'sent' ? 0 : 1, 0);
  bytes.writeUInt32LE(note.firstId, 4);
  bytes.writeUInt32LE(note.recordCount, 8);
  bytes.writeUInt32LE(note.partition, 12);
  bytes.writeUInt32LE(note.baseOffset, 16);
  return bytes;
}

/** The whole notes of a pipe's bytes; a last one that was cut by the kill was never said. */
export function decodeNotes(bytes: Buffer): Note[] {
  const count = Math.floor(bytes.length / NOTE_BYTES);
  return Array.from({ length: count }, (_, index): Note => {
    const at = index * NOTE_BYTES;
    return {
      kind: bytes.readUInt32LE(at) === 0 ? 'sent' : 'acknowledged',
      firstId: bytes.readUInt32LE(at + 4),
      recordCount: bytes.readUInt32LE(at + 8),
      partition: bytes.readUInt32LE(at + 12),
      baseOffset: bytes.readUInt32LE(at + 16),
    };
  });
}
