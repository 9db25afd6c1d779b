// One instance as the registry sees it, in whatever state.
import { basename } from 'node:path';
import { INSTANCES_MAX, ProtocolError, type InstanceState } from '@walrusmq/protocol';
import { StorageError, directoryNameOf } from '@walrusmq/storage';
import type { BrokerSettings } from '../config/settings-table';
import type { BoundSession, BoundSessions } from './bound-sessions';
import type { BrokerInstance } from './broker-instance';
import type { InstanceRecord } from './instance-records';
import type { OwnSettings } from './own-settings';

/** What runs in one instance, as the registry needs it. */
export interface InstanceLife {
  readonly key: string;
  readonly storage: BrokerInstance;
  readonly sessions: BoundSessions;
  /** Rejects when the instance cannot be used; nothing is left open then. */
  open(): Promise<void>;
  /** Follows other quotas and defaults of topics from now on. */
  configure(settings: BrokerSettings, own: OwnSettings): void;
  /** Ends the requests that wait, and lets none wait any more. */
  endWaits(): void;
  /** Idempotent. Rejects with the error of a last sync that failed; it is closed all the same. */
  close(): Promise<void>;
}

/** One instance, in whatever state. */
export interface InstanceEntry<Services> {
  readonly key: string;
  readonly directory: string;
  own: OwnSettings;
  instanceId: string;
  state: InstanceState;
  /** While it is `open`. */
  services: Services | undefined;
  /** Why it is `failed`. */
  reason: string | undefined;
  /** Whether that is because another process has it open: its files are not ours to remove. */
  isHeldElsewhere: boolean;
  /** Whether what it is set to could not be read. */
  isRecordDamaged: boolean;
}

/** An instance that nobody has opened. */
export function newEntry<Services>(
  key: string,
  directory: string,
  own: OwnSettings,
): InstanceEntry<Services> {
  return {
    key,
    directory,
    own,
    instanceId: '',
    state: 'opening',
    services: undefined,
    reason: undefined,
    isHeldElsewhere: false,
    isRecordDamaged: false,
  };
}

/** The record of an instance that is there. */
export function activeRecord({ key, instanceId, own }: InstanceEntry<unknown>): InstanceRecord {
  return { key, state: 'active', instanceId, settings: own };
}

/** Whether an instance that is open under the one may stay so under the other. */
export function isSameOpening(one: BrokerSettings, other: BrokerSettings): boolean {
  const opening = ({ fsync, readConsistency }: BrokerSettings): string =>
    JSON.stringify([fsync, readConsistency]);
  return opening(one) === opening(other);
}

/** @throws {ProtocolError} INSTANCE_IN_USE where others than `asking` are connected. */
export function checkUnused(entry: InstanceEntry<InstanceLife>, asking: BoundSession): void {
  const count = entry.services?.sessions.countBeside(asking) ?? 0;
  if (count === 0) return;
  const text = count === 1 ? '1 connection is' : `${count} connections are`;
  throw new ProtocolError('INSTANCE_IN_USE', `${text} bound to it; force closes them.`);
}

/** Why nobody can work with an instance that is not open. */
export function unusable({ key, state, reason }: InstanceEntry<unknown>): ProtocolError {
  const shown = JSON.stringify(key.slice(0, 60));
  if (state === 'failed') {
    return new ProtocolError('INSTANCE_FAILED', `Instance ${shown} could not be opened: ${reason}`);
  }
  const what = state === 'deleting' ? 'being deleted' : 'being opened';
  return new ProtocolError('INSTANCE_BUSY', `Instance ${shown} is ${what}.`);
}

/** What a step on the file system, or an opening, failed with, in the protocol's words. */
export function asProtocolError(error: unknown): unknown {
  if (error instanceof ProtocolError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'NO_SPACE';
  if (isFull) return new ProtocolError('NO_SPACE', `Nothing was kept: ${message}`);
  const isKnown = error instanceof StorageError || code !== undefined;
  return isKnown ? new ProtocolError('INSTANCE_FAILED', message) : error;
}

/** It could not be opened. */
export function markFailed(entry: InstanceEntry<unknown>, error: unknown): void {
  entry.services = undefined;
  entry.state = 'failed';
  entry.reason = (error as Error).message;
  entry.isHeldElsewhere = (error as { code?: unknown }).code === 'DATA_DIR_LOCKED';
}

/**
 * Takes over a record that was damaged and that somebody may have mended.
 * @throws {ProtocolError} INSTANCE_FAILED: it is damaged still, or not of an instance to be opened.
 */
export function takeMendedRecord(entry: InstanceEntry<unknown>, read: () => InstanceRecord): void {
  try {
    const { state, instanceId, settings } = read();
    if (state !== 'active') throw new Error(`its record says '${state}': delete it`);
    Object.assign(entry, { instanceId, own: settings, isRecordDamaged: false });
  } catch (error) {
    entry.reason = (error as Error).message;
    throw unusable(entry);
  }
}

/**
 * The name of the directory of an instance that is to be created.
 * @throws {ProtocolError} INVALID_REQUEST for a key that makes none; INSTANCE_EXISTS,
 *   INSTANCE_BUSY, LIMIT_EXCEEDED.
 */
export function checkNewKey(
  key: string,
  entries: ReadonlyMap<string, InstanceEntry<unknown>>,
): string {
  const name = checkedDirectoryName(key);
  const known = entries.get(key);
  if (known?.state === 'deleting') throw unusable(known);
  const shown = JSON.stringify(key);
  if (known !== undefined) {
    throw new ProtocolError('INSTANCE_EXISTS', `Instance ${shown} exists already.`);
  }
  if (entries.size >= INSTANCES_MAX) {
    throw new ProtocolError('LIMIT_EXCEEDED', `A broker has at most ${INSTANCES_MAX} instances.`);
  }
  return name;
}

/** There is something in the place of an instance that is to be created. */
export function takenPlace(key: string, directory: string): ProtocolError {
  const text =
    `The data directory holds ${basename(directory)}, which is no instance of this broker; ` +
    `choose another key than ${JSON.stringify(key)}.`;
  return new ProtocolError('INSTANCE_EXISTS', text);
}

function checkedDirectoryName(key: string): string {
  try {
    return directoryNameOf(key);
  } catch (error) {
    throw new ProtocolError('INVALID_REQUEST', `createInstance.key: ${(error as Error).message}`);
  }
}
