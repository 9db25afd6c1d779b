import type { ClientBroker } from '../client-broker';
import type { ClientCapabilities, ClientUnderTest, CommandName } from '../client-under-test';

/** What the suites of one client share; the functions are for use inside tests. */
export interface ClientContext {
  readonly capabilities: ClientCapabilities;
  readonly client: () => ClientUnderTest;
  readonly broker: () => ClientBroker;
}

/** Whether a client has all of these commands. */
export function has(context: ClientContext, ...commands: readonly CommandName[]): boolean {
  return commands.every((command) => context.capabilities.commands.includes(command));
}

/** Long enough for a loaded machine; what has to wait waits for events. */
export const WITHIN_MS = 45_000;
