import {
  describeConfigsCodec,
  type Decoded,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
} from '@walrusmq/kafka-protocol';
import { TickBudget } from '../partition/tick-budget';
import { BrokerConfigResource } from './broker-config-resource';
import { identityOf, requireKnownType } from './config-alterations';
import { RESOURCE, type DescribedConfig } from './config-resource';
import { itemFailureOf, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { firstOfEach, namedTwice, repeatedNames } from './repeated-names';
import { TopicConfigResource } from './topic-config-resource';

type Asked = Decoded<DescribeConfigsRequest.DescribeConfigsResource>;
type Answer = DescribeConfigsResponse.DescribeConfigsResult;

/**
 * Behaviour: every config there is of a topic, or every setting of the broker (resource `1`), with
 * its value, where that comes from and whether it can be changed; those alone that the request
 * names, where it names some. Nothing is secret yet. With synonyms come the values that would hold
 * without the one that does, the next first. A resource that the request has twice is
 * INVALID_REQUEST.
 *
 * Version notes: 1 to 4; 3 brought types and documentation.
 */
export class DescribeConfigsHandler implements KafkaHandler<
  DescribeConfigsRequest,
  DescribeConfigsResponse
> {
  readonly codec = describeConfigsCodec;
  private readonly ofTopics: TopicConfigResource;
  private readonly ofBroker: BrokerConfigResource;

  constructor(private readonly services: KafkaServices) {
    this.ofTopics = new TopicConfigResource(services);
    this.ofBroker = new BrokerConfigResource(services.currentSettings);
  }

  /** Never rejects with an error of the broker's own: each resource has its answer. */
  async handle(
    request: Decoded<DescribeConfigsRequest>,
  ): Promise<KafkaReply<DescribeConfigsResponse>> {
    const { resources } = request;
    const budget = new TickBudget();
    const repeated = repeatedNames(resources.map(identityOf));
    const results: Answer[] = [];
    for (const asked of firstOfEach(resources, identityOf)) {
      await budget.pause();
      const { resourceType, resourceName } = asked;
      try {
        if (repeated.has(identityOf(asked))) throw namedTwice(`the resource '${resourceName}'`);
        const configs = this.describe(asked).map((config) => told(config, request));
        const head = { errorCode: NO_ERROR, errorMessage: null };
        results.push({ ...head, resourceType, resourceName, configs });
      } catch (error) {
        results.push({ ...itemFailureOf(error), resourceType, resourceName, configs: [] });
      }
    }
    return { response: { throttleTimeMs: 0, results } };
  }

  /** Every resource of the request with the error. */
  refusal(
    { resources }: Decoded<DescribeConfigsRequest>,
    failure: KafkaFailure,
  ): DescribeConfigsResponse {
    const results = resources.map(({ resourceType, resourceName }) => ({
      ...failure,
      resourceType,
      resourceName,
      configs: [],
    }));
    return { throttleTimeMs: 0, results };
  }

  /** @throws {ProtocolError} UNKNOWN_TOPIC, INVALID_REQUEST. */
  private describe({
    resourceType,
    resourceName,
    configurationKeys,
  }: Asked): readonly DescribedConfig[] {
    requireKnownType(resourceType);
    const all =
      resourceType === RESOURCE.topic
        ? this.ofTopics.describe(this.services.topics.require(resourceName).configs)
        : this.ofBroker.describe(resourceName);
    // Kafka takes an empty list for none as well.
    if (configurationKeys === null || configurationKeys.length === 0) return all;
    const wanted = new Set(configurationKeys);
    return all.filter(({ name }) => wanted.has(name));
  }
}

function told(
  { name, value, readOnly, source, type, synonyms, documentation }: DescribedConfig,
  { includeSynonyms, includeDocumentation }: Decoded<DescribeConfigsRequest>,
): DescribeConfigsResponse.DescribeConfigsResourceResult {
  return {
    name,
    value,
    readOnly,
    configSource: source,
    isSensitive: false,
    synonyms: includeSynonyms ? synonyms : [],
    configType: type,
    documentation: includeDocumentation ? documentation : null,
  };
}
