import {
  apiVersionsCodec,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import type { AnsweredApi } from './api-table';
import { kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';

// What Kafka takes as the name and the version of a client's software (KIP-511).
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

/**
 * Behaviour: tells which APIs are answered, in which versions. Names no features, as none that
 * clients would act on is there.
 *
 * Version notes: 0 to 4; a request of another version is answered in the form of version 0 with
 * UNSUPPORTED_VERSION and the versions of this API.
 */
export class ApiVersionsHandler implements KafkaHandler<ApiVersionsRequest, ApiVersionsResponse> {
  readonly codec = apiVersionsCodec;

  /** @param advertised The APIs that are answered, ordered by key. */
  constructor(private readonly advertised: () => readonly ApiVersionsResponse.ApiVersion[]) {}

  /** @throws {ProtocolError} INVALID_REQUEST. */
  handle(
    {
      clientSoftwareName: name,
      clientSoftwareVersion: softwareVersion,
    }: Decoded<ApiVersionsRequest>,
    { session, version }: KafkaCall,
  ): KafkaReply<ApiVersionsResponse> {
    if (version >= 3) {
      if (!SOFTWARE.test(name) || !SOFTWARE.test(softwareVersion)) {
        throw new ProtocolError('INVALID_REQUEST', 'The name of the client software is none.');
      }
      session.software = { name, version: softwareVersion };
    }
    return { response: { errorCode: NO_ERROR, apiKeys: this.advertised() } };
  }

  /** The error alone. */
  refusal(_: Decoded<ApiVersionsRequest>, { errorCode }: KafkaFailure): ApiVersionsResponse {
    return { errorCode, apiKeys: [] };
  }
}

/** The answer to a request of a version that there is not, to be encoded as version 0. */
export function refuseVersion({
  handler,
  minVersion,
  maxVersion,
}: AnsweredApi): KafkaReply<ApiVersionsResponse> {
  const apiKeys = [{ apiKey: handler.codec.key, minVersion, maxVersion }];
  return { response: { errorCode: kafkaCode('UNSUPPORTED_VERSION'), apiKeys } };
}
