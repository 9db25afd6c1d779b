import { parseAlterInstance, type IncomingFrame } from '@walrusmq/protocol';
import { describeInstance, type AdministeredInstances } from './instance-description';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: changes what is set for an instance. Quotas and defaults of topics hold at once; a
 * change of schedule or consistency opens the instance anew, which ends its connections behind what
 * they asked for, the one that asked for this behind its reply. One that failed is opened again,
 * also by a change of nothing.
 *
 * Version notes: protocol 1. A client of any instance may ask.
 */
export class AlterInstanceHandler implements OperationHandler {
  readonly operation = 'alterInstance';

  constructor(private readonly administered: AdministeredInstances) {}

  /**
   * @throws {ProtocolError} UNKNOWN_INSTANCE, INVALID_REQUEST, INVALID_CONFIG, INSTANCE_IN_USE,
   *   INSTANCE_BUSY, INSTANCE_FAILED, NO_SPACE.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const change = parseAlterInstance(frame.fields);
    const entry = await this.administered.instances.alter(change, session);
    return { fields: await describeInstance(entry, this.administered) };
  }
}
