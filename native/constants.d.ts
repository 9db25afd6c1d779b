/** Sizes, limits, defaults and names of the engine (native/wal); sizes and positions in bytes. */
export interface NativeConstants {
  readonly formatVersion: number;
  readonly fileHeaderAreaBytes: number;
  readonly fileHeaderBytes: number;
  readonly fileHeaderCopyPosition: number;
  readonly blockBytesMin: number;
  readonly blockBytesMax: number;
  readonly blocksPerFileMax: number;
  readonly dataFileBytesMax: number;
  readonly openFilesMaxLeast: number;
  readonly openFilesMaxMost: number;
  readonly blockHeaderAreaBytes: number;
  readonly blockHeaderBytes: number;
  readonly blockHeaderCopyPosition: number;
  readonly checkpointBytes: number;
  readonly checkpointPositionA: number;
  readonly checkpointPositionB: number;
  readonly checkpointStepBytes: number;
  readonly frameBytes: number;
  readonly frameAlignment: number;
  readonly runBytesMax: number;
  readonly indexStepBytes: number;
  readonly batchHeaderBytes: number;
  readonly journalHeaderAreaBytes: number;
  readonly journalHeaderBytes: number;
  readonly journalHeaderCopyPosition: number;
  readonly groupHeaderBytes: number;
  readonly groupEntryBytes: number;
  readonly cursorFileHeaderAreaBytes: number;
  readonly cursorFileHeaderBytes: number;
  readonly cursorFileHeaderCopyPosition: number;
  readonly cursorRecordHeaderBytes: number;
  readonly cursorRecordAlignment: number;
  readonly readerNameBytesMax: number;
  readonly lockRecordBytes: number;
  readonly lockRecordPositionB: number;
  readonly bootIdBytesMax: number;
  readonly cursorFileName: string;
  readonly quarantineName: string;
  readonly lockName: string;
  readonly defaultReader: string;
  /** What options that are left out stand for. */
  readonly defaults: Readonly<
    Record<
      | 'fsyncIntervalMs'
      | 'blockBytes'
      | 'blocksPerFile'
      | 'queuedBytesMax'
      | 'batchBytesMax'
      | 'journalBytes'
      | 'journalBypassRunBytes'
      | 'reserveBytes'
      | 'readerThreads'
      | 'openFilesMax'
      | 'segmentMs'
      | 'producerIdExpirationMs'
      | 'producersPerLogMax'
      | 'producersMax',
      number
    >
  >;
}
