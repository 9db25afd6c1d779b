import type { ApiVersionsResponse } from '@walrusmq/kafka-protocol';
import { adminHandlers } from './admin-handlers';
import { ApiVersionsHandler } from './api-versions.handler';
import { FetchHandler } from './fetch.handler';
import { FindCoordinatorHandler } from './find-coordinator.handler';
import { InitProducerIdHandler } from './init-producer-id.handler';
import { kafkaGroupHandlers } from './kafka-group-handlers';
import type { AnyKafkaHandler } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { ListOffsetsHandler } from './list-offsets.handler';
import { MetadataHandler } from './metadata.handler';
import { ProduceHandler } from './produce.handler';

/** Every API that an instance answers. */
export function kafkaHandlers(
  services: KafkaServices,
  advertised: () => readonly ApiVersionsResponse.ApiVersion[],
): readonly AnyKafkaHandler[] {
  return [
    new ApiVersionsHandler(advertised),
    new ProduceHandler(services),
    new FetchHandler(services),
    new ListOffsetsHandler(services),
    new MetadataHandler(services),
    new InitProducerIdHandler(services),
    new FindCoordinatorHandler(),
    ...kafkaGroupHandlers(services),
    ...adminHandlers(services),
  ];
}
