import {
  incrementalAlterConfigsCodec,
  type Decoded,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from '@walrusmq/kafka-protocol';
import { alterResources, refusedResources } from './config-alterations';
import type { KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { CONFIG_OPERATION, TopicConfigResource } from './topic-config-resource';

/**
 * Behaviour: sets configs of topics, takes them back, and appends to and subtracts from those that
 * are lists, each topic for itself and as one change; what is not named stays. The response comes
 * once the change is durable by the fsync schedule. With `validateOnly` nothing changes. Settings
 * of the broker are read at its start: INVALID_REQUEST; to take one back changes nothing, as none
 * is ever set at run time.
 *
 * Version notes: 0 to 1, which differ in their encoding.
 */
export class IncrementalAlterConfigsHandler implements KafkaHandler<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
> {
  readonly codec = incrementalAlterConfigsCodec;
  private readonly configs: TopicConfigResource;

  constructor(private readonly services: KafkaServices) {
    this.configs = new TopicConfigResource(services);
  }

  /** Never rejects with an error of the broker's own: each resource has its answer. */
  async handle({
    resources,
    validateOnly,
  }: Decoded<IncrementalAlterConfigsRequest>): Promise<
    KafkaReply<IncrementalAlterConfigsResponse>
  > {
    const responses = await alterResources(this.services, resources, {
      validateOnly,
      changes: (topic, { configs }) => this.configs.applying(topic, configs),
      brokerChanges: ({ configs }) =>
        configs.filter(({ configOperation }) => configOperation !== CONFIG_OPERATION.delete).length,
    });
    return { response: { throttleTimeMs: 0, responses } };
  }

  /** Every resource of the request with the error. */
  refusal(
    { resources }: Decoded<IncrementalAlterConfigsRequest>,
    failure: KafkaFailure,
  ): IncrementalAlterConfigsResponse {
    return { throttleTimeMs: 0, responses: refusedResources(resources, failure) };
  }
}
