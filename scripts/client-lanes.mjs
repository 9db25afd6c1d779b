// What `make test-clients` runs: Kafka's clients that are not installed with the packages, or need
// tools of their own. Those of Node that are installed run in `make test`.
import { countJest } from './counts.mjs';
import { jest } from './lane-commands.mjs';

/** The specs of test/clients/heavy whose path has this in it. */
export const heavyClients = (pattern) =>
  jest('--selectProjects', 'clients', '--runInBand', '--testPathPatterns', pattern);

/** Installs the clients of Node that compile, and a newer Node for those that want one. */
const INSTALL_NODE_CLIENTS = ['node', 'scripts/heavy-node-clients.mjs'];

/** Installs the clients of a language below .make/clients. */
const installClients = (language) => ['node', 'scripts/client-programs.mjs', language];

/** Puts Kafka's jars where the tests look for them. */
const FETCH_KAFKA = ['node', 'scripts/fetch-kafka.mjs'];

/** @type {readonly import('./lanes.mjs').Step[]} */
export const CLIENT_STEPS = [
  {
    name: 'clients of Node that compile or want a newer Node',
    lane: 'clients',
    commands: [INSTALL_NODE_CLIENTS, heavyClients('heavy/node/')],
    needs: ['npm', 'compiler', 'librdkafka'],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'clients of Python',
    lane: 'clients',
    commands: [installClients('python'), heavyClients('heavy/python/')],
    needs: ['pythonVenv'],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'clients of Go',
    lane: 'clients',
    commands: [installClients('go'), heavyClients('heavy/go/')],
    needs: ['go'],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'Java’s clients and Kafka’s tools',
    lane: 'clients',
    commands: [FETCH_KAFKA, heavyClients('heavy/java/(clients|tools)')],
    needs: ['jdk', 'maven'],
    counts: countJest,
    minutesMax: 30,
  },
  {
    name: 'make bench-vs-kafka, in its short form',
    lane: 'clients',
    commands: [FETCH_KAFKA, heavyClients('heavy/java/bench')],
    needs: ['jdk', 'maven', 'compiler', 'librdkafka'],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'every client with every other',
    lane: 'clients',
    commands: [heavyClients('heavy/matrix')],
    needs: ['npm', 'compiler', 'librdkafka'],
    counts: countJest,
    minutesMax: 20,
  },
];
