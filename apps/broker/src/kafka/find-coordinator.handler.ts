import {
  findCoordinatorCodec,
  type Decoded,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from '@walrusmq/kafka-protocol';
import { kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import { NODE_ID } from './kafka-services';

// From here on several are asked for at once.
const BATCH_VERSION = 4;
const GROUP = 0;
const TRANSACTION = 1;
const NOWHERE = { nodeId: -1, host: '', port: -1 };

/**
 * Behaviour: this broker, at the same address as in Metadata, coordinates every group. It is found
 * for transactional ids, too, although there are no transactions yet: InitProducerId refuses them,
 * where every client ends at once and says why. Of a coordinator that it is refused kafkajs only
 * says that it found none, and Sarama asks again for 5 s. Share groups have none: INVALID_REQUEST.
 *
 * Version notes: 0 to 6; 4 brought several keys.
 */
export class FindCoordinatorHandler implements KafkaHandler<
  FindCoordinatorRequest,
  FindCoordinatorResponse
> {
  readonly codec = findCoordinatorCodec;

  /** The answer is the same for every group and every transactional id. */
  handle(
    request: Decoded<FindCoordinatorRequest>,
    call: KafkaCall,
  ): KafkaReply<FindCoordinatorResponse> {
    if (request.keyType !== GROUP && request.keyType !== TRANSACTION) {
      const errorMessage = `There is no coordinator of the type ${request.keyType}.`;
      const failure = { errorCode: kafkaCode('INVALID_REQUEST'), errorMessage };
      return { response: this.refusal(request, failure, call) };
    }
    const { host, port } = call.session.advertised;
    const here = { nodeId: NODE_ID, host, port };
    return { response: answer(request, call, here, NO_ERROR, null) };
  }

  /** Every key with the error. */
  refusal(
    request: Decoded<FindCoordinatorRequest>,
    { errorCode, errorMessage }: KafkaFailure,
    call: KafkaCall,
  ): FindCoordinatorResponse {
    return answer(request, call, NOWHERE, errorCode, errorMessage);
  }
}

function answer(
  { coordinatorKeys }: Decoded<FindCoordinatorRequest>,
  { version }: KafkaCall,
  node: typeof NOWHERE,
  errorCode: number,
  errorMessage: string | null,
): FindCoordinatorResponse {
  const found = { ...node, errorCode, errorMessage };
  if (version < BATCH_VERSION) return version === 0 ? { ...node, errorCode } : found;
  return { coordinators: coordinatorKeys.map((key) => ({ key, ...found })) };
}
