// The operations on instances, which a client of any instance may ask for, and their parsers. Part
// of operations.ts.
import { FieldReader, type Fields } from './field-reader';
import type { ConfigChanges, ConfigValues } from './topic-operations';
import { readConfigs } from './topic-operation-parsers';

type Optional<T> = T | null | undefined;

/** Most instances of a broker, the default one included. */
export const INSTANCES_MAX = 64;
/** Longest key of an instance in bytes; its directory's name may not be longer either. */
export const INSTANCE_KEY_BYTES_MAX = 255;
/** Largest quota. */
export const QUOTA_MAX = 2 ** 40;
/** In place of a schedule or a consistency: take back what was set. */
export const INSTANCE_SETTING_DEFAULT = 'default';

/** What the clients of an instance may use each second, together; nil: no limit. */
export interface InstanceQuotas {
  /** Bytes of produce requests. */
  readonly bytesInPerSecond: number | null;
  /** Bytes of replies and events that carry records. */
  readonly bytesOutPerSecond: number | null;
  readonly requestsPerSecond: number | null;
}
/** Quotas that are set or, by nil, taken back; what is left out stays. */
export type QuotaChanges = { readonly [Name in keyof InstanceQuotas]?: Optional<number> };
/** The names of the quotas. */
export const QUOTA_NAMES = ['bytesInPerSecond', 'bytesOutPerSecond', 'requestsPerSecond'] as const;

export interface CreateInstanceRequest {
  readonly key: string;
  /** `sync-each`, `no-fsync` or an interval such as `200ms`. Absent: the broker's `--fsync`. */
  readonly fsync?: Optional<string>;
  /** `strictly-at-once` or `at-least-once:N`. Absent: the broker's `--read-consistency`. */
  readonly readConsistency?: Optional<string>;
  readonly quotas?: Optional<QuotaChanges>;
  /** What topics of the instance have where they set nothing. */
  readonly configs?: Optional<ConfigValues>;
  /** Only check. */
  readonly validateOnly?: Optional<boolean>;
}
export interface AlterInstanceRequest {
  readonly key: string;
  /** As in `createInstance`; `default` takes back what was set. */
  readonly fsync?: Optional<string>;
  readonly readConsistency?: Optional<string>;
  readonly quotas?: Optional<QuotaChanges>;
  readonly configs?: Optional<ConfigChanges>;
  /** Close the connections of the instance, where the change needs that. */
  readonly force?: Optional<boolean>;
  /** Only check. */
  readonly validateOnly?: Optional<boolean>;
}
/** What is to change; absent stays, null goes back to what the broker is set to. */
export interface ParsedInstanceChange {
  readonly key: string;
  readonly fsync: string | null | undefined;
  readonly readConsistency: string | null | undefined;
  readonly quotas: { readonly [Name in keyof InstanceQuotas]?: number | null };
  readonly configs: Readonly<Record<string, string | null>>;
  readonly force: boolean;
  readonly validateOnly: boolean;
}

export interface DescribeInstanceRequest {
  readonly key: string;
}
export interface DeleteInstanceRequest {
  readonly key: string;
  /** Close the connections that are bound to it. */
  readonly force?: Optional<boolean>;
}
export interface ParsedDeleteInstance {
  readonly key: string;
  readonly force: boolean;
}
export type DeleteInstanceResponse = Readonly<Record<string, never>>;

/**
 * `open`: it serves. `opening`: it will. `failed`: it could not be opened, `reason` says why.
 * `deleting`: nobody can use it any more, its space is being given back.
 */
export type InstanceState = 'open' | 'opening' | 'failed' | 'deleting';
/** A setting, and whether it was set for the instance or comes from the broker's. */
export interface InstanceSetting {
  readonly value: string;
  readonly source: 'instance' | 'broker';
}
/** What topics have that set nothing: from the instance, the broker's settings, or neither. */
export interface InstanceConfig {
  readonly name: string;
  readonly value: string;
  readonly source: 'instance' | 'broker' | 'default';
}
export interface ListedInstance {
  readonly key: string;
  readonly state: InstanceState;
  /** Why it is `failed`, or takes no writes; nil: all is well. */
  readonly reason: string | null;
  readonly fsync: string;
  readonly topics: number;
  /** Connections that are bound to it. */
  readonly connections: number;
}
export interface ListInstancesResponse {
  /** The default one first, then by key. */
  readonly instances: readonly ListedInstance[];
}
/** What counted against the quotas since the instance was opened; nil where there is no quota. */
export interface InstanceUse {
  readonly requests: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
  /** For how long quotas held requests, replies and events back, over all connections. */
  readonly throttledMs: number;
}
export interface InstanceDescription {
  readonly key: string;
  readonly state: InstanceState;
  readonly reason: string | null;
  /** 32 hex digits; nil while it is not open. */
  readonly instanceId: string | null;
  readonly fsync: InstanceSetting;
  readonly readConsistency: InstanceSetting;
  readonly quotas: InstanceQuotas;
  readonly configs: readonly InstanceConfig[];
  readonly topics: number;
  readonly partitions: number;
  readonly connections: number;
  /** What its files take on the disk, and what their sizes add up to, which sparse files exceed. */
  readonly disk: { readonly usedBytes: number; readonly apparentBytes: number };
  readonly use: InstanceUse;
}

/** Request and response of these operations, by name. */
export interface InstanceOperations {
  readonly createInstance: {
    readonly request: CreateInstanceRequest;
    readonly response: InstanceDescription;
  };
  readonly listInstances: {
    readonly request: Readonly<Record<string, never>>;
    readonly response: ListInstancesResponse;
  };
  readonly describeInstance: {
    readonly request: DescribeInstanceRequest;
    readonly response: InstanceDescription;
  };
  readonly alterInstance: {
    readonly request: AlterInstanceRequest;
    readonly response: InstanceDescription;
  };
  readonly deleteInstance: {
    readonly request: DeleteInstanceRequest;
    readonly response: DeleteInstanceResponse;
  };
}

/** The fields of `createInstance`; INVALID_CONFIG too. */
export function parseCreateInstance(fields: Fields): ParsedInstanceChange {
  return { ...readChange('createInstance', fields, false), force: false };
}

/** The fields of `alterInstance`; INVALID_CONFIG too. */
export function parseAlterInstance(fields: Fields): ParsedInstanceChange {
  return readChange('alterInstance', fields, true);
}

/** The fields of `describeInstance`. */
export function parseDescribeInstance(fields: Fields): DescribeInstanceRequest {
  return { key: readKey(new FieldReader('describeInstance', fields)) };
}

/** The fields of `deleteInstance`. */
export function parseDeleteInstance(fields: Fields): ParsedDeleteInstance {
  const reader = new FieldReader('deleteInstance', fields);
  return { key: readKey(reader), force: reader.flag('force') };
}

function readChange(operation: string, fields: Fields, mayTakeBack: boolean): ParsedInstanceChange {
  const reader = new FieldReader(operation, fields);
  const setting = (name: string): string | null | undefined => {
    const value = reader.optionalText(name);
    return mayTakeBack && value === INSTANCE_SETTING_DEFAULT ? null : value;
  };
  return {
    key: readKey(reader),
    fsync: setting('fsync'),
    readConsistency: setting('readConsistency'),
    quotas: readQuotas(operation, reader, fields.quotas),
    configs: readConfigs(reader, fields.configs, mayTakeBack),
    force: reader.flag('force'),
    validateOnly: reader.flag('validateOnly'),
  };
}

/** A key is any text; what makes no directory of its own the broker refuses. */
function readKey(reader: FieldReader): string {
  const key = reader.text('key');
  if (Buffer.byteLength(key) <= INSTANCE_KEY_BYTES_MAX) return key;
  throw reader.invalid('key', `a text of at most ${INSTANCE_KEY_BYTES_MAX} bytes`, key);
}

function readQuotas(
  operation: string,
  reader: FieldReader,
  value: unknown,
): ParsedInstanceChange['quotas'] {
  if (value == null) return {};
  const isMap = typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value);
  const known: readonly string[] = QUOTA_NAMES;
  if (!isMap || Object.keys(value).some((name) => !known.includes(name))) {
    throw reader.invalid('quotas', `a map with ${QUOTA_NAMES.join(', ')}`, value);
  }
  const given = value as Fields;
  const quotas = new FieldReader(`${operation}.quotas`, given);
  const result: { -readonly [Name in keyof InstanceQuotas]?: number | null } = {};
  for (const name of QUOTA_NAMES) {
    if (given[name] === undefined) continue;
    result[name] = given[name] === null ? null : quotas.integer(name, { min: 1, max: QUOTA_MAX });
  }
  return result;
}
