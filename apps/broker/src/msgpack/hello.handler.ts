import {
  PROTOCOL_VERSION,
  ProtocolError,
  parseHello,
  type HelloResponse,
  type IncomingFrame,
} from '@walrusmq/protocol';
import type { BrokerSettings } from '../config/settings-table';
import { BROKER_VERSION } from '../config/version';
import { DEFAULT_INSTANCE } from '../instance/broker-instance';
import type { OperationHandler, Reply } from './operation-handler';
import type { GreetedInstances, Session } from './session';

/**
 * Behaviour: opens a session. The client names the versions it speaks and, if it likes, the
 * instance, to which the connection is bound; the reply names the version both will speak and the
 * limits. A refused hello may be tried again on the same connection, an accepted one not.
 *
 * Version notes: protocol 1. The newest version that both sides speak is chosen.
 */
export class HelloHandler implements OperationHandler {
  readonly operation = 'hello';

  constructor(
    private readonly instances: GreetedInstances,
    private readonly settings: Pick<BrokerSettings, 'frameBytesMax'>,
  ) {}

  /**
   * @throws {ProtocolError} UNSUPPORTED_PROTOCOL, UNKNOWN_INSTANCE, INSTANCE_FAILED, INSTANCE_BUSY,
   *   INVALID_REQUEST.
   */
  handle(frame: IncomingFrame, session: Session): Reply {
    if (session.client !== undefined) {
      throw new ProtocolError('INVALID_REQUEST', 'This connection said hello already.');
    }
    const hello = parseHello(frame.fields);
    const [min, max] = hello.protocol;
    if (min > PROTOCOL_VERSION || max < PROTOCOL_VERSION) {
      throw new ProtocolError(
        'UNSUPPORTED_PROTOCOL',
        `This broker speaks version ${PROTOCOL_VERSION}, the client ${min} to ${max}.`,
      );
    }
    const instance = this.instances.bind(hello.instance ?? DEFAULT_INSTANCE);
    session.bindTo(instance);
    session.client = hello.client;
    const { frameBytesMax } = this.settings;
    const fields: HelloResponse = {
      protocol: PROTOCOL_VERSION,
      broker: `walrusmq/${BROKER_VERSION}`,
      instance: instance.key,
      instanceId: instance.instanceId,
      limits: { frameBytesMax, batchBytesMax: instance.batchBytesMax },
    };
    return { fields };
  }
}
