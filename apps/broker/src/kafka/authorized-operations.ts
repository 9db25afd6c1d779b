// What a client may do, where it asks for that: everything, until there is authorization. Bits as
// Kafka's AclOperation numbers them.
const OPERATION = Object.freeze({
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
});

/** With a topic. */
export const TOPIC_OPERATIONS = bits(
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'describeConfigs',
  'alterConfigs',
);

/** With the cluster. */
export const CLUSTER_OPERATIONS = bits(
  'create',
  'alter',
  'describe',
  'clusterAction',
  'describeConfigs',
  'alterConfigs',
  'idempotentWrite',
);

/** What stands in a response to a client that did not ask. */
export const OPERATIONS_NOT_ASKED = -(2 ** 31);

function bits(...operations: readonly (keyof typeof OPERATION)[]): number {
  return operations.reduce((sum, operation) => sum | (1 << OPERATION[operation]), 0);
}
