// Configs as Kafka's protocol has them, of whatever resource.
import type { ConfigDescription } from '@walrusmq/protocol';

/** What a config belongs to (Kafka's ConfigResource.Type). */
export const RESOURCE = Object.freeze({ topic: 2, broker: 4 });

/** Where a value comes from (Kafka's DescribeConfigsResponse.ConfigSource). */
export const CONFIG_SOURCE = Object.freeze({ topic: 1, staticBroker: 4, default: 5 });

/** What a value is (Kafka's DescribeConfigsResponse.ConfigType). */
export const CONFIG_TYPE = Object.freeze({ boolean: 1, string: 2, int: 3, long: 5, list: 7 });

/** A value that holds, or would hold without the one before it. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** A config with all there is to know of it. */
export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly source: number;
  readonly type: number;
  /** The value that holds and those that would without it, the next first. */
  readonly synonyms: readonly ConfigSynonym[];
  /** Sentences. */
  readonly documentation: string;
}

/** Kafka's word for a kind of value. */
export function configTypeOf(type: ConfigDescription['type']): number {
  if (type === 'integer') return CONFIG_TYPE.long;
  return type === 'boolean' ? CONFIG_TYPE.boolean : CONFIG_TYPE.string;
}
