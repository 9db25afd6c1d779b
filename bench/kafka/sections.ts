// From the figures of all rounds to the tables: pairs of settings, and what they have to be.
import { median, ratioRow, type Budget, type Row } from '../figures';
import type { Section } from '../report';
import type { Schedule } from './brokers';
import { nodeTitle } from './plan';
import type { Measure, Place, Tallies } from './tallies';

/** From there on the client is what is measured. */
const CLIENT_SHARE_MAX = 0.9;
const KAFKA = 'Apache Kafka';

interface Pairing {
  readonly title: string;
  readonly ours: Schedule;
  readonly theirs: Schedule;
  /** Whether the figures have to be something. */
  readonly isTarget: boolean;
}

/** Ours ÷ Kafka's. */
const PAIRINGS: readonly Pairing[] = [
  {
    title: '--fsync sync-each beside log.flush.interval.messages=1',
    ours: 'synced',
    theirs: 'synced',
    isTarget: true,
  },
  {
    title: '--fsync no-fsync beside Kafka’s default, which syncs nothing either',
    ours: 'unsynced',
    theirs: 'unsynced',
    isTarget: true,
  },
  {
    title: 'both defaults: sync-each beside no syncs',
    ours: 'synced',
    theirs: 'unsynced',
    isTarget: false,
  },
];

const NOTES = [
  'Broker CPU seconds per GB of payload is the primary figure. MB/s has a target only where the',
  `clients of both sides are below ${CLIENT_SHARE_MAX * 100} % of a core, as their titles say.`,
];

const atMost = (bound: number, text: string): Budget => ({ kind: 'at most', bound, text });
const atLeast = (bound: number, text: string): Budget => ({ kind: 'at least', bound, text });

interface Kind {
  readonly measure: Measure;
  readonly unit: string;
  readonly label: string;
  readonly budget?: Budget;
}

const KINDS: readonly Kind[] = [
  {
    measure: 'cpuPerGb',
    unit: 's/GB',
    label: 'broker CPU',
    budget: atMost(0.8, '≤ 0.8 × Kafka'),
  },
  { measure: 'mbPerSecond', unit: 'MB/s', label: '', budget: atLeast(1.2, '≥ 1.2 × Kafka') },
  { measure: 'p50Ms', unit: 'ms', label: 'p50' },
  { measure: 'p99Ms', unit: 'ms', label: 'p99', budget: atMost(0.7, '≤ 0.7 × Kafka') },
  { measure: 'p999Ms', unit: 'ms', label: 'p99.9' },
  {
    measure: 'startSeconds',
    unit: 's',
    label: 'start to first served request',
    budget: atMost(0.2, '≤ ⅕ × Kafka'),
  },
  { measure: 'rssIdleMb', unit: 'MB', label: 'RSS when it has started' },
  {
    measure: 'rssLoadedMb',
    unit: 'MB',
    label: 'RSS behind all loads',
    budget: atMost(0.25, '≤ ¼ × Kafka'),
  },
];

function titleOf(kind: Kind, cell: string): string {
  return [cell, kind.label].filter((part) => part !== '').join(': ');
}

/** The row of one cell; undefined where a side does not have the figure. */
function rowOf(tallies: Tallies, pairing: Pairing, kind: Kind, cell: string): Row | undefined {
  const ours: Place = { side: 'walrusmq', schedule: pairing.ours, cell };
  const theirs: Place = { side: 'kafka', schedule: pairing.theirs, cell };
  const [own, peer] = [tallies.values(ours, kind.measure), tallies.values(theirs, kind.measure)];
  if (own.length === 0 || own.length !== peer.length) return undefined;
  const shares = [ours, theirs].map((place) => tallies.middle(place, 'clientShare') ?? 0);
  const isRate = kind.measure === 'mbPerSecond';
  const isClientBound = isRate && shares.some((share) => share >= CLIENT_SHARE_MAX);
  const percents = shares.map((share) => `${(share * 100).toFixed(0)} %`).join(' and ');
  const title = isRate ? `${cell} (client at ${percents})` : titleOf(kind, cell);
  const budget = pairing.isTarget && !isClientBound ? kind.budget : undefined;
  return ratioRow(title, kind.unit, own, KAFKA, peer, budget);
}

function cellsOf(tallies: Tallies): string[] {
  return [...new Set(tallies.places().map(({ cell }) => cell))];
}

function brokerSections(tallies: Tallies): Section[] {
  return PAIRINGS.map((pairing) => {
    const rows = KINDS.flatMap((kind) =>
      cellsOf(tallies).map((cell) => rowOf(tallies, pairing, kind, cell)),
    );
    return {
      title: pairing.title,
      notes: NOTES,
      rows: rows.filter((row): row is Row => row !== undefined),
    };
  });
}

const SDK_BUDGETS = {
  kafkajs: atLeast(3, '≥ 3 × kafkajs'),
  platformatic: atLeast(2, '≥ 2 × @platformatic/kafka'),
} as const;

/** The SDK on our broker beside another client on the broker where that one is faster. */
function sdkRow(
  tallies: Tallies,
  schedule: Schedule,
  kind: 'produce' | 'consume',
  peer: keyof typeof SDK_BUDGETS,
  recordBytes: number,
): Row | undefined {
  const cell = nodeTitle(kind, peer, recordBytes);
  const own = tallies.values(
    { side: 'walrusmq', schedule, cell: nodeTitle(kind, 'sdk', recordBytes) },
    'recordsPerSecond',
  );
  const peers = (['walrusmq', 'kafka'] as const).map((side) => ({
    side,
    values: tallies.values({ side, schedule, cell }, 'recordsPerSecond'),
  }));
  const measured = peers.filter(({ values }) => values.length === own.length && values.length > 0);
  const [faster] = measured.sort((a, b) => median(b.values) - median(a.values));
  if (faster === undefined) return undefined;
  const where = faster.side === 'kafka' ? KAFKA : 'WalrusMQ';
  const title = `${kind}, SDK, ${recordBytes} B`;
  return ratioRow(title, '/s', own, `${peer} on ${where}`, faster.values, SDK_BUDGETS[peer]);
}

function sdkSections(tallies: Tallies, recordSizes: readonly number[]): Section[] {
  return (['synced', 'unsynced'] as const).map((schedule) => {
    const rows = (['produce', 'consume'] as const).flatMap((kind) =>
      (['kafkajs', 'platformatic'] as const).flatMap((peer) =>
        recordSizes.map((bytes) => sdkRow(tallies, schedule, kind, peer, bytes)),
      ),
    );
    return {
      title: `The SDK beside other clients of Node, ${schedule}`,
      notes: ['Records per second; the others on the broker where they are faster.'],
      rows: rows.filter((row): row is Row => row !== undefined),
    };
  });
}

/** All tables; a section without a row is left out. */
export function sectionsOf(tallies: Tallies, recordSizes: readonly number[]): Section[] {
  const all = [...brokerSections(tallies), ...sdkSections(tallies, recordSizes)];
  return all.filter(({ rows }) => rows.length > 0);
}
