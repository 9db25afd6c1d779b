import type { ListInstancesResponse } from '@walrusmq/protocol';
import { listedInstance, type AdministeredInstances } from './instance-description';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: every instance of the broker, those that cannot be opened with the reason.
 *
 * Version notes: protocol 1. A client of any instance may ask.
 */
export class ListInstancesHandler implements OperationHandler {
  readonly operation = 'listInstances';

  constructor(private readonly administered: AdministeredInstances) {}

  /** Never fails. */
  handle(): Reply {
    const { instances, settings } = this.administered;
    const fields: ListInstancesResponse = {
      instances: instances.list().map((entry) => listedInstance(entry, settings)),
    };
    return { fields };
  }
}
