import {
  parseDescribeConfigs,
  type DescribeConfigsResponse,
  type IncomingFrame,
} from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: every topic config with its value, where that comes from, and what can be set; of a
 * topic, or of one that sets nothing.
 *
 * Version notes: protocol 1.
 */
export class DescribeConfigsHandler implements OperationHandler {
  readonly operation = 'describeConfigs';

  constructor(private readonly topics: Topics) {}

  /** @throws {ProtocolError} INVALID_REQUEST, UNKNOWN_TOPIC. */
  handle(frame: IncomingFrame): Reply {
    const { topic } = parseDescribeConfigs(frame.fields);
    const configs = topic === undefined ? {} : this.topics.require(topic).configs;
    const fields: DescribeConfigsResponse = { configs: this.topics.configs.descriptions(configs) };
    return { fields };
  }
}
