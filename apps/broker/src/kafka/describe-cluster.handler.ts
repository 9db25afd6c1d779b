import {
  describeClusterCodec,
  type Decoded,
  type DescribeClusterRequest,
  type DescribeClusterResponse,
} from '@walrusmq/kafka-protocol';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations';
import { KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import { NODE_ID, type KafkaServices } from './kafka-services';

// What a client asks for (KIP-919).
const BROKERS = 1;
const CONTROLLERS = 2;

/**
 * Behaviour: the one broker, at the same address as in Metadata, which is the controller too, and
 * the id of the instance as that of the cluster.
 *
 * Version notes: 0 to 2; 1 brought the type of the endpoint: controllers have none of their own
 * here, MISMATCHED_ENDPOINT_TYPE; 2 brokers that are fenced, of which there are none.
 */
export class DescribeClusterHandler implements KafkaHandler<
  DescribeClusterRequest,
  DescribeClusterResponse
> {
  readonly codec = describeClusterCodec;

  constructor(private readonly services: KafkaServices) {}

  /** @throws {KafkaRefusal} MISMATCHED_ENDPOINT_TYPE, UNSUPPORTED_ENDPOINT_TYPE. */
  handle(
    { endpointType, includeClusterAuthorizedOperations }: Decoded<DescribeClusterRequest>,
    { session }: KafkaCall,
  ): KafkaReply<DescribeClusterResponse> {
    if (endpointType === CONTROLLERS) {
      const message = 'This is the endpoint of a broker, not of a controller.';
      throw new KafkaRefusal('MISMATCHED_ENDPOINT_TYPE', message);
    }
    if (endpointType !== BROKERS) {
      const message = `There is no type of endpoint ${endpointType}.`;
      throw new KafkaRefusal('UNSUPPORTED_ENDPOINT_TYPE', message);
    }
    const { host, port } = session.advertised;
    const response = {
      throttleTimeMs: 0,
      errorCode: NO_ERROR,
      clusterId: this.services.instanceId(),
      controllerId: NODE_ID,
      brokers: [{ brokerId: NODE_ID, host, port }],
      clusterAuthorizedOperations: includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : OPERATIONS_NOT_ASKED,
    };
    return { response };
  }

  /** The error alone. */
  refusal(_: Decoded<DescribeClusterRequest>, failure: KafkaFailure): DescribeClusterResponse {
    return { throttleTimeMs: 0, ...failure, clusterId: '', brokers: [] };
  }
}
