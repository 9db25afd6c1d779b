// The clients that `make test-clients` installs, for the matrix of all.
import { hasClients } from '../client-programs';
import type { ClientDefinition } from '../client-under-test';
import { FRANZ_GO, SARAMA } from '../go-clients';
import { KCAT } from '../kcat/kcat-client';
import { hasKcat } from '../kcat/kcat-process';
import { CONFLUENT_PYTHON, KAFKA_PYTHON } from '../python-clients';
import { JAVA_CLASSIC, JAVA_INSTALLED } from '../java-clients';
import { NODE24_INSTALLED, PLATFORMATIC_2, RDKAFKA, RDKAFKA_INSTALLED } from './node/heavy-node';

export interface HeavyClient {
  readonly client: ClientDefinition;
  readonly isInstalled: () => boolean;
}

/** Where one is missing, the step of its own says so. */
export const HEAVY_CLIENTS: readonly HeavyClient[] = [
  { client: RDKAFKA, isInstalled: RDKAFKA_INSTALLED },
  { client: PLATFORMATIC_2, isInstalled: NODE24_INSTALLED },
  { client: KCAT, isInstalled: hasKcat },
  { client: CONFLUENT_PYTHON, isInstalled: () => hasClients('python') },
  { client: KAFKA_PYTHON, isInstalled: () => hasClients('python') },
  { client: FRANZ_GO, isInstalled: () => hasClients('go') },
  { client: SARAMA, isInstalled: () => hasClients('go') },
  { client: JAVA_CLASSIC, isInstalled: JAVA_INSTALLED },
];
