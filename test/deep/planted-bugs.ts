/** A bug that is put into a copy of one engine source, to see whether the simulator finds it. */
export interface PlantedBug {
  readonly name: string;
  /** Stands exactly once in the sources of the engine. */
  readonly text: string;
  readonly replacement: string;
}

/** Disks that answer Ok and do nothing; names that `crash_sim --plant` knows. */
export const LYING_DISKS: readonly string[] = [
  'journal-sync',
  'data-sync',
  'cursor-sync',
  'directory-sync',
  'cursor-write',
];

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'acknowledged before the journal is synced',
    text: 'status = parts_.journal->Sync();',
    replacement: '',
  },
  {
    name: 'acknowledged before the data files are synced',
    text: 'if (status.ok() && in_place) status = SyncDataFiles();',
    replacement: '',
  },
  {
    name: 'a truncation that is not synced before blocks go',
    text: 'return group->sync_now && !sync_each_ ? SyncCursors() : Status::Ok();',
    replacement: 'return Status::Ok();',
  },
  {
    name: 'the journal is given back before what it holds is synced',
    text: 'Status status = fenced_ ? fence() : SyncDataFiles();',
    replacement: 'Status status = fenced_ ? fence() : Status::Ok();',
  },
  {
    name: 'recovery goes past a batch with a bad CRC',
    text: 'if (!matches && !walk->damaged_offset) walk->damaged_offset = walk->offset;',
    replacement: '',
  },
  {
    name: 'a part of a call counts as a call',
    text: 'if (!pending_call_) MarkGood(run.frame.synced_through);',
    replacement: 'MarkGood(run.frame.synced_through);',
  },
  {
    name: 'every checkpoint is trusted',
    text: 'checkpoint.end_offset <= found_.synced_through;',
    replacement: 'checkpoint.end_offset <= UINT64_MAX;',
  },
  {
    name: 'a data file is renamed before it is synced',
    text: 'if (status.ok()) status = (*handle)->Sync();',
    replacement: '',
  },
  {
    name: 'the directory is not synced after a new data file',
    text: 'return file_system_.SyncDirectory(directory_);',
    replacement: 'return status;',
  },
  {
    name: 'a deletion reaches one block too far',
    text: 'op->change.value = writer_.next_block_id();',
    replacement: 'op->change.value = writer_.next_block_id() + 1;',
  },
  {
    name: 'a deletion leaves out the last block',
    text: 'op->change.value = writer_.next_block_id();',
    replacement: 'op->change.value = writer_.next_block_id() - 1;',
  },
  {
    name: 'dead blocks are freed twice',
    text: 'if (!seen.insert(id).second) continue;',
    replacement: 'if (instance_->logs.contains(id)) continue;',
  },
  {
    name: 'the leader epoch stays when readers lost records',
    text: 'return !trust_.same_boot || !report.cuts.empty();',
    replacement: 'return !report.cuts.empty();',
  },
  {
    name: 'the clean close is not synced',
    text: '  cursors_dirty_ = true;\n  status = SyncEverything(logs);',
    replacement: '  status = SyncEverything(logs);',
  },
  {
    name: 'the LOCK file still says closed while the instance runs',
    text: 'record.sequence = sequence_ + 1;',
    replacement: 'record.sequence = sequence_ + 1;\n  record.clean = true;',
  },
  {
    name: 'a frame promises what is not synced',
    text: 'frame.prev_frame_crc = tail.frame_crc;',
    replacement:
      'frame.prev_frame_crc = tail.frame_crc;\n  frame.synced_through = frame.next_offset;',
  },
  {
    name: 'runs go into the space that is kept for the seal',
    text: 'return end <= block->RunsEnd();',
    replacement: 'return end <= block->bytes;',
  },
  {
    name: 'a log that forgets its producers when it is opened',
    text: 'table->Restore(producer);',
    replacement: '(void)producer;',
  },
  {
    name: 'blocks that do not begin with the producers',
    text: 'if (!snapshot.producers.empty()) AddSnapshot(&snapshot, call_base);',
    replacement: '',
  },
  {
    name: 'producers in the middle of a call that look like its end',
    text: 'frame_.last_of_call = call_base == tail_.end_offset;',
    replacement: '',
  },
];
