import { parseDescribeInstance, type IncomingFrame } from '@walrusmq/protocol';
import { describeInstance, type AdministeredInstances } from './instance-description';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: what is set for an instance and what holds, how much it holds, and what its clients
 * use. Looks at the sizes of its files.
 *
 * Version notes: protocol 1. A client of any instance may ask.
 */
export class DescribeInstanceHandler implements OperationHandler {
  readonly operation = 'describeInstance';

  constructor(private readonly administered: AdministeredInstances) {}

  /** @throws {ProtocolError} UNKNOWN_INSTANCE, INVALID_REQUEST. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { key } = parseDescribeInstance(frame.fields);
    const entry = this.administered.instances.require(key);
    return { fields: await describeInstance(entry, this.administered) };
  }
}
