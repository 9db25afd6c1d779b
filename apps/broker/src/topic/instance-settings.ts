// What holds in an instance: the broker's settings with what was set for the instance over them.
import {
  ProtocolError,
  type ErrorCode,
  type InstanceConfig,
  type InstanceSetting,
} from '@walrusmq/protocol';
import { settingsTable, type BrokerSettings } from '../config/settings-table';
import type { OwnSettings } from '../instance/own-settings';
import type { TopicConfigRow } from './topic-config-row';
import { topicConfigTable } from './topic-config-table';
import { checkedConfig, configNumber } from './topic-configs';

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/**
 * The settings of an instance that lies in `directory`.
 *
 * @throws {ProtocolError} INVALID_REQUEST, INVALID_CONFIG: which of them is no good, and what is.
 */
export function instanceSettings(
  broker: BrokerSettings,
  own: OwnSettings,
  directory: string,
): BrokerSettings {
  const settings: Mutable<BrokerSettings> = { ...broker, dataDir: directory };
  if (own.fsync !== undefined) {
    settings.fsync = parsed('fsync', own.fsync) as BrokerSettings['fsync'];
  }
  if (own.readConsistency !== undefined) {
    const value = parsed('readConsistency', own.readConsistency);
    settings.readConsistency = value as BrokerSettings['readConsistency'];
  }
  for (const [name, text] of Object.entries(own.configs)) {
    const row = defaultableRow(name);
    const value = checkedConfig(row, text, settings);
    Object.assign(settings, { [row.setting]: typed(row, value) });
  }
  return settings;
}

/** The schedule or the consistency that holds, as text, and where it comes from. */
export function describeSetting(
  name: 'fsync' | 'readConsistency',
  broker: BrokerSettings,
  own: OwnSettings,
): InstanceSetting {
  const set = own[name];
  if (set !== undefined) return { value: set, source: 'instance' };
  return { value: settingText(broker[name]), source: 'broker' };
}

/** What topics have that set nothing, and where it comes from. */
export function describeDefaults(
  broker: BrokerSettings,
  own: OwnSettings,
): readonly InstanceConfig[] {
  const rows = topicConfigTable.filter(({ hasEffect }) => hasEffect);
  return rows.map(({ name, setting, builtIn }) => {
    const set = Object.hasOwn(own.configs, name) ? own.configs[name] : undefined;
    if (set !== undefined) return { name, value: set, source: 'instance' };
    const value = setting === undefined ? builtIn : String(broker[setting]);
    return { name, value, source: value === builtIn ? 'default' : 'broker' };
  });
}

function settingText(value: BrokerSettings['fsync' | 'readConsistency']): string {
  if (value.kind === 'milliseconds') return `${value.intervalMs}ms`;
  return value.kind === 'at-least-once' ? `at-least-once:${value.persistEvery}` : value.kind;
}

function parsed(name: 'fsync' | 'readConsistency', text: string): unknown {
  const setting = settingsTable.find((each) => each.name === name);
  const value = setting?.parse(text);
  if (value !== undefined) return value;
  const shown = JSON.stringify(text.slice(0, 60));
  throw refused('INVALID_REQUEST', `${name} cannot be ${shown}. Expected ${setting?.accepts}.`);
}

function defaultableRow(name: string): TopicConfigRow & { setting: string } {
  const rows = topicConfigTable.filter(isDefaultable);
  const row = rows.find((each) => each.name === name);
  if (row !== undefined) return row;
  const known = rows.map((each) => each.name).join(', ');
  const shown = JSON.stringify(name.slice(0, 60));
  throw refused('INVALID_CONFIG', `No default of topics ${shown}; there are ${known}.`);
}

function isDefaultable(row: TopicConfigRow): row is TopicConfigRow & { setting: 'retentionMs' } {
  return row.setting !== undefined;
}

function typed(row: TopicConfigRow, value: string): unknown {
  if (row.type === 'integer') return configNumber(value);
  return row.type === 'boolean' ? value === 'true' : value;
}

function refused(code: ErrorCode, message: string): ProtocolError {
  return new ProtocolError(code, message);
}
