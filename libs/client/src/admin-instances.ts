// What `Admin` takes and gives about instances, and how that goes over the wire.
import type {
  InstanceConfig,
  InstanceDescription,
  InstanceQuotas,
  InstanceSetting,
  InstanceState,
  InstanceUse,
  ListedInstance,
} from '@walrusmq/protocol';
import { GroupAdmin } from './admin-groups';
import type { TopicConfigs } from './admin-topics';

export type {
  InstanceConfig,
  InstanceDescription,
  InstanceQuotas,
  InstanceSetting,
  InstanceState,
  InstanceUse,
  ListedInstance,
};

/** Options of `createInstance`; what is left out is as the broker is set. */
export interface CreateInstanceOptions {
  /** `sync-each`, `no-fsync` or an interval such as `200ms`. */
  readonly fsync?: string | undefined;
  /** `strictly-at-once` or `at-least-once:N`. */
  readonly readConsistency?: string | undefined;
  /** What its clients may use each second, together. Default: no limit. */
  readonly quotas?: Partial<InstanceQuotas> | undefined;
  /** What topics have that set nothing themselves, by the names of topic configs. */
  readonly configs?: TopicConfigs | undefined;
  /** Only check. Default false. */
  readonly validateOnly?: boolean | undefined;
}

/** Options of `alterInstance`; what is left out stays. */
export interface AlterInstanceOptions {
  /** As in `createInstance`; `default` goes back to what the broker is set to. */
  readonly fsync?: string | undefined;
  readonly readConsistency?: string | undefined;
  /** null takes a quota back. */
  readonly quotas?: Partial<InstanceQuotas> | undefined;
  /** null goes back to what the broker is set to. */
  readonly configs?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  /** Close its connections, where another schedule or consistency needs that. Default false. */
  readonly force?: boolean | undefined;
  /** Only check. Default false. */
  readonly validateOnly?: boolean | undefined;
}

/** Options of `deleteInstance`. */
export interface DeleteInstanceOptions {
  /** Close the connections that are bound to it. Default false. */
  readonly force?: boolean | undefined;
}

/** The part of `Admin` that looks after the broker's instances; life and errors are there. */
export class InstanceAdmin extends GroupAdmin {
  /**
   * Creates an instance with that key; it serves when this resolves. Clients name it by their
   * option `instance`.
   *
   * @throws {BrokerError} `INSTANCE_EXISTS`, `LIMIT_EXCEEDED`, `INVALID_REQUEST`, `INVALID_CONFIG`.
   */
  createInstance(key: string, options: CreateInstanceOptions = {}): Promise<InstanceDescription> {
    return this.client.retrying('createInstance', { key, ...options }, this.writing);
  }

  /** Every instance of the broker, those that cannot be opened with the reason. */
  async listInstances(): Promise<readonly ListedInstance[]> {
    return (await this.client.retrying('listInstances', {}, this.reading)).instances;
  }

  /**
   * What is set for an instance, what it holds and what its clients use.
   *
   * @throws {BrokerError} `UNKNOWN_INSTANCE`.
   */
  describeInstance(key: string): Promise<InstanceDescription> {
    return this.client.retrying('describeInstance', { key }, this.reading);
  }

  /**
   * Changes an instance; resolves with what it is then. Another schedule or consistency opens it
   * anew: its connections end, and clients of this SDK come back by themselves. One that failed is
   * opened again, also by a change of nothing.
   *
   * @throws {BrokerError} `UNKNOWN_INSTANCE`, `INVALID_REQUEST`, `INVALID_CONFIG`,
   *   `INSTANCE_IN_USE` where that would end connections and `force` is not set. Nothing changed.
   *   `INSTANCE_FAILED`: it cannot be opened; what was changed holds once it can.
   */
  alterInstance(key: string, options: AlterInstanceOptions): Promise<InstanceDescription> {
    // A second attempt finds what the first one made.
    const retry = { ...this.writing, repeatable: true };
    return this.client.retrying('alterInstance', { key, ...options }, retry);
  }

  /**
   * Deletes an instance with all that is in it.
   *
   * @throws {BrokerError} `UNKNOWN_INSTANCE`; `INSTANCE_IN_USE` unless `force`.
   */
  async deleteInstance(key: string, options: DeleteInstanceOptions = {}): Promise<void> {
    await this.client.retrying('deleteInstance', { key, ...options }, this.writing);
  }
}
