import { ProtocolError } from '@walrusmq/protocol';
import type { ClientSession } from '../instance/client-session';
import { toProtocolError } from '../partition/storage-errors';

/**
 * What the coordinator answers to a request that may wait for other members.
 *
 * Rejects with SHUTTING_DOWN as soon as the client is gone or the broker stops: the group goes on
 * as with a client whose answer is lost. Otherwise with the ProtocolError of a storage that
 * refuses. Nothing listens to the session afterwards.
 */
export function settledWhileConnected<Reply>(
  session: Pick<ClientSession, 'isCancelled' | 'onCancelled'>,
  asked: Promise<Reply>,
): Promise<Reply> {
  const translated = asked.catch((error: unknown) => {
    throw toProtocolError(error);
  });
  return new Promise<Reply>((resolve, reject) => {
    const callOff = (): void => reject(new ProtocolError('SHUTTING_DOWN'));
    const stopListening = session.onCancelled(callOff);
    if (session.isCancelled) callOff();
    translated.then(resolve, reject).finally(stopListening);
  });
}
