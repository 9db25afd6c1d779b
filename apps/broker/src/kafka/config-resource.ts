// Configs as Kafka's protocol has them, of whatever resource.
import type { ConfigDescription } from '@walrusmq/protocol';

/** What a config belongs to (Kafka's ConfigResource.Type). */
export const RESOURCE = Object.freeze({ topic: 2, broker: 4 });

/** Where a value comes from (Kafka's DescribeConfigsResponse.ConfigSource). */
export const CONFIG_SOURCE = Object.freeze({ topic: 1, staticBroker: 4, default: 5 });

/** What a value is (Kafka's DescribeConfigsResponse.ConfigType). */
export const CONFIG_TYPE = Object.freeze({
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
});

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

/** Kafka's words for our kinds of values. */
const TYPES: Readonly<Record<ConfigDescription['type'], number>> = {
  integer: CONFIG_TYPE.long,
  number: CONFIG_TYPE.double,
  boolean: CONFIG_TYPE.boolean,
  choice: CONFIG_TYPE.string,
  list: CONFIG_TYPE.list,
};

/** Kafka's word for a kind of value. */
export function configTypeOf(type: ConfigDescription['type']): number {
  return TYPES[type];
}
