// What there is to know of one topic config.
import type { ConfigDescription } from '@walrusmq/protocol';
import type { BrokerSettings } from '../config/settings-table';
import type { ConfigValues } from './topic-config-values';

/**
 * Settings that say what a topic has where it says nothing itself, what it cannot exceed, and what
 * is kept of what it says.
 */
export type TopicDefaults = Pick<
  BrokerSettings,
  | 'retentionMs'
  | 'retentionBytes'
  | 'retentionConsumed'
  | 'segmentMs'
  | 'batchBytesMax'
  | 'frameBytesMax'
  | 'messageTimestampType'
  | 'blockBytes'
  | 'fsync'
>;

/** The settings among them that are what topics have by default. */
export type DefaultSetting = Exclude<keyof TopicDefaults, 'frameBytesMax' | 'blockBytes' | 'fsync'>;

/** A topic config: a name and a value as Kafka has them, but for `retention.consumed`. */
export interface TopicConfigRow extends ConfigValues<TopicDefaults> {
  readonly name: string;
  readonly unit: ConfigDescription['unit'];
  /** Whether setting it changes anything; what it says is kept where it does not, too. */
  readonly hasEffect: boolean;
  /** The setting that holds where a topic sets nothing; undefined: none, `underneath` does. */
  readonly setting: DefaultSetting | undefined;
  /** What holds where neither topic nor setting says anything; undefined: `builtIn`. */
  readonly underneath?: (settings: TopicDefaults) => string;
  readonly builtIn: string;
  /**
   * Whether a value that was stored is kept under these settings, which may have changed since;
   * undefined: always.
   */
  readonly isKept?: (value: string, settings: TopicDefaults) => boolean;
  /** Why a value that Kafka knows is not taken, and what to do instead; sentences. */
  readonly refusal?: (text: string, settings: TopicDefaults) => string | undefined;
  readonly meaning: string;
}
