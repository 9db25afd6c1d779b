import {
  alterConfigsCodec,
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { alterResources, refusedResources } from './config-alterations';
import type { KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { TopicConfigResource } from './topic-config-resource';

/**
 * Behaviour: sets the configs of topics to exactly those of the request, each topic for itself:
 * what the request leaves out goes back to its default. The response comes once the change is
 * durable by the fsync schedule. With `validateOnly` nothing changes. Settings of the broker are
 * read at its start: INVALID_REQUEST.
 *
 * Version notes: 0 to 2, which differ in their encoding.
 */
export class AlterConfigsHandler implements KafkaHandler<
  AlterConfigsRequest,
  AlterConfigsResponse
> {
  readonly codec = alterConfigsCodec;
  private readonly configs: TopicConfigResource;

  constructor(private readonly services: KafkaServices) {
    this.configs = new TopicConfigResource(services);
  }

  /** Never rejects with an error of the broker's own: each resource has its answer. */
  async handle({
    resources,
    validateOnly,
  }: Decoded<AlterConfigsRequest>): Promise<KafkaReply<AlterConfigsResponse>> {
    const responses = await alterResources(this.services, resources, {
      validateOnly,
      changes: (topic, { configs }) => this.configs.replacing(topic, configs),
      brokerChanges: ({ configs }) => configs.length,
    });
    return { response: { throttleTimeMs: 0, responses } };
  }

  /** Every resource of the request with the error. */
  refusal(
    { resources }: Decoded<AlterConfigsRequest>,
    failure: KafkaFailure,
  ): AlterConfigsResponse {
    return { throttleTimeMs: 0, responses: refusedResources(resources, failure) };
  }
}
