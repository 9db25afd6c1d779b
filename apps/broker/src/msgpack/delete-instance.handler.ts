import { parseDeleteInstance, type IncomingFrame } from '@walrusmq/protocol';
import type { Instances } from '../instance/instances';
import type { DescribedServices } from './instance-description';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: deletes an instance and all that is in it. Its key can be used again once its space
 * was given back, which happens behind the reply.
 *
 * Version notes: protocol 1. A client of any instance may ask, one of the instance itself too.
 */
export class DeleteInstanceHandler implements OperationHandler {
  readonly operation = 'deleteInstance';

  constructor(private readonly instances: Instances<DescribedServices>) {}

  /** @throws {ProtocolError} UNKNOWN_INSTANCE, INVALID_REQUEST, INSTANCE_IN_USE, INSTANCE_BUSY. */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const { key, force } = parseDeleteInstance(frame.fields);
    await this.instances.delete(key, force, session);
    return { fields: {} };
  }
}
