// What was set for an instance itself; everything else it has from the broker's settings.
import { QUOTA_NAMES, type InstanceQuotas, type ParsedInstanceChange } from '@walrusmq/protocol';

/** The settings of an instance, as texts that people write. */
export interface OwnSettings {
  /** As `--fsync` takes it. */
  readonly fsync?: string;
  /** As `--read-consistency` takes it. */
  readonly readConsistency?: string;
  readonly quotas: Partial<Readonly<Record<keyof InstanceQuotas, number>>>;
  /** Topic configs by name. */
  readonly configs: Readonly<Record<string, string>>;
}

/** Nothing is set. */
export const NOTHING_SET: OwnSettings = { quotas: {}, configs: {} };

/** What is set after a change; whether the values are good is not asked here. */
export function changedSettings(own: OwnSettings, change: ParsedInstanceChange): OwnSettings {
  const { fsync = own.fsync, readConsistency = own.readConsistency } = change;
  return {
    ...(fsync == null ? {} : { fsync }),
    ...(readConsistency == null ? {} : { readConsistency }),
    quotas: changed(own.quotas, change.quotas),
    configs: changed(own.configs, change.configs),
  };
}

/** All quotas, null where there is none. */
export function quotasOf({ quotas }: OwnSettings): InstanceQuotas {
  const [bytesIn, bytesOut, requests] = QUOTA_NAMES.map((name) => quotas[name] ?? null);
  return {
    bytesInPerSecond: bytesIn ?? null,
    bytesOutPerSecond: bytesOut ?? null,
    requestsPerSecond: requests ?? null,
  };
}

function changed<Value>(
  values: Readonly<Record<string, Value>>,
  changes: Readonly<Record<string, Value | null>>,
): Record<string, Value> {
  const result = new Map(Object.entries(values));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) result.delete(name);
    else result.set(name, value);
  }
  return Object.fromEntries(result);
}
