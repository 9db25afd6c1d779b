// The contract of one client: everything that it is able to do, against a broker of its own.
import { ClientBroker } from '../client-broker';
import type { ClientDefinition, ClientUnderTest } from '../client-under-test';
import { describeAdmin } from './admin.contract';
import { has, type ClientContext } from './client-context';
import { describeGroups } from './groups.contract';
import { describeRecords } from './records.contract';

/** Starts and stops of programs in other languages included. */
const SUITE_MS = 120_000;

export function describeClient(definition: ClientDefinition): void {
  const { name, capabilities } = definition;
  jest.setTimeout(SUITE_MS);

  describe(name, () => {
    let broker: ClientBroker;
    let client: ClientUnderTest;
    beforeAll(async () => {
      broker = await ClientBroker.start();
      client = await definition.start(broker.addresses);
    });
    afterAll(async () => {
      // A broker that stays behind would keep the runner.
      await client.stop().finally(() => broker.stop());
    });
    const context: ClientContext = { capabilities, client: () => client, broker: () => broker };

    it('says which version it is', () => {
      expect(client.version).toMatch(/\d+\.\d+/);
    });
    describe('records', () => {
      describeRecords(context);
    });
    if (has(context, 'join', 'poll', 'commit', 'leave')) {
      describe('groups', () => {
        describeGroups(context);
      });
    }
    describe('administration', () => {
      describeAdmin(context);
    });
  });
}
