import { parseCreateInstance, type IncomingFrame } from '@walrusmq/protocol';
import { describeInstance, type AdministeredInstances } from './instance-description';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: creates an instance; it serves, and is there after a crash, when this is answered.
 *
 * Version notes: protocol 1. A client of any instance may ask.
 */
export class CreateInstanceHandler implements OperationHandler {
  readonly operation = 'createInstance';

  constructor(private readonly administered: AdministeredInstances) {}

  /**
   * @throws {ProtocolError} INVALID_REQUEST, INVALID_CONFIG, INSTANCE_EXISTS, INSTANCE_BUSY,
   *   LIMIT_EXCEEDED, NO_SPACE, INSTANCE_FAILED.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const change = parseCreateInstance(frame.fields);
    const entry = await this.administered.instances.create(change, session);
    return { fields: await describeInstance(entry, this.administered) };
  }
}
