// Reads a topic with a consumer group of three processes, of which one is killed and one is added.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@walrusmq/client';
import type { BrokerProcess } from './broker-process';
import { FlightTotals, type Flight, type FlightFile } from './flights';
import type { GroupOutcome, MemberOutcome } from './group-report';

const PROGRAM = join(__dirname, 'group-member.mjs');
const WITHIN_MS = 120_000;

/** What the members have read between them. */
class Progress {
  readonly totals: FlightTotals;
  /** Partition and offset of every record read. */
  readonly offsets = new Set<string>();
  /** By partition, the offset behind the last record read. */
  readonly places = new Map<number, number>();
  records = 0;
  /** Something was read, or a member got or lost partitions. */
  onNews: () => void = () => undefined;

  constructor(file: FlightFile) {
    this.totals = new FlightTotals(file.flights.length);
  }

  take(partition: number, offset: number, position: number, value: string): void {
    this.records += 1;
    this.offsets.add(`${partition}/${offset}`);
    this.places.set(partition, Math.max(offset + 1, this.places.get(partition) ?? 0));
    this.totals.add(position, JSON.parse(value) as Flight, undefined);
  }

  /** Resolves once `condition` holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`the group did not get there in ${WITHIN_MS} ms: ${what}`);
      timer = setTimeout(() => reject(error), WITHIN_MS);
    });
    const reached = new Promise<void>((resolve) => {
      this.onNews = () => condition() && resolve();
      this.onNews();
    });
    await Promise.race([reached, late]).finally(() => clearTimeout(timer));
  }
}

/** A member's process. */
class Member {
  readonly partitions = new Set<number>();
  /** Every partition that it ever had. */
  readonly had = new Set<number>();
  records = 0;
  ending = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(
    readonly name: string,
    { address }: BrokerProcess,
    group: string,
    topic: string,
    private readonly progress: Progress,
  ) {
    this.child = spawn(process.execPath, [PROGRAM, address, group, topic, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(this.child.stdout as NodeJS.ReadableStream);
    lines.on('line', (line) => this.take(line));
    this.ended = Promise.all([once(this.child, 'exit'), once(lines, 'close')]);
  }

  /** Resolves once it is gone and all that it told was taken. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.ending !== '') return;
    this.ending = signal === 'SIGKILL' ? 'killed (SIGKILL)' : 'left (SIGTERM)';
    this.child.kill(signal);
    await this.ended;
  }

  outcome(): MemberOutcome {
    const { name, records, ending } = this;
    return { name, records, ending, partitions: [...this.had].sort() };
  }

  private take(line: string): void {
    const [what, ...words] = line.split(' ');
    if (what === 'record') {
      const [partition, offset, position, ...value] = words;
      this.records += 1;
      this.progress.take(Number(partition), Number(offset), Number(position), value.join(' '));
    } else {
      for (const partition of (words[0] ?? '').split(',').map(Number)) {
        if (what === 'assigned') this.partitions.add(partition);
        else this.partitions.delete(partition);
        if (what === 'assigned') this.had.add(partition);
      }
    }
    this.progress.onNews();
  }
}

/**
 * Reads everything the topic holds. When a third of it is read the member with the most left to
 * read is killed, and another is started; the broker gives them what the killed one had once that
 * has been silent for the session timeout.
 */
export async function readInGroup(
  broker: BrokerProcess,
  topic: string,
  group: string,
  file: FlightFile,
  say: (text: string) => void,
): Promise<GroupOutcome> {
  const ends = await endsOf(broker, topic);
  const stored = [...ends.values()].reduce((sum, end) => sum + end, 0);
  const progress = new Progress(file);
  const start = (number: number): Member =>
    new Member(`member-${number}`, broker, group, topic, progress);
  const members = [1, 2, 3].map(start);
  const leftOf = ({ partitions }: Member): number =>
    [...partitions].reduce(
      (sum, each) => sum + (ends.get(each) ?? 0) - (progress.places.get(each) ?? 0),
      0,
    );
  try {
    await progress.until(
      () => progress.records * 3 >= stored && members.some((each) => leftOf(each) > 0),
      'a third of the records read',
    );
    const victim = members.reduce((most, each) => (leftOf(each) > leftOf(most) ? each : most));
    const lost = [...victim.partitions].sort();
    const killedAt = performance.now();
    await victim.end('SIGKILL');
    const unread = leftOf(victim);
    say(`${group}: ${victim.name} killed with partitions ${lost.join()}, ${unread} records unread`);
    members.push(start(4));
    const others = members.filter((each) => each !== victim);
    await progress.until(
      () =>
        progress.offsets.size === stored &&
        lost.every((each) => others.some(({ partitions }) => partitions.has(each))) &&
        others.every(({ partitions }) => partitions.size > 0),
      'all records read, by three members',
    );
    const seconds = (performance.now() - killedAt) / 1000;
    // What came again is read to the end as well, and saved within the members' interval.
    await untilCommitted(broker, group, stored);
    for (const { name, partitions } of others) {
      say(`${group}: ${name} has partitions ${[...partitions].sort().join()}`);
    }
    // One after another: those that stay take over what the others leave.
    for (const member of others) await member.end('SIGTERM');
    return {
      group,
      topic,
      stored,
      unread,
      seconds,
      read: progress.totals,
      records: progress.records,
      offsetsRead: progress.offsets.size,
      committed: await committedOf(broker, group),
      members: members.map((each) => each.outcome()),
    };
  } finally {
    await Promise.all(members.map((each) => each.end('SIGKILL')));
  }
}

async function endsOf(broker: BrokerProcess, topic: string): Promise<Map<number, number>> {
  const admin = new Admin({ broker: broker.address, clientId: 'demo' });
  try {
    const { partitions } = await admin.describeTopic(topic);
    return new Map(partitions.map(({ partition, readableEnd }) => [partition, readableEnd]));
  } finally {
    await admin.close();
  }
}

async function untilCommitted(broker: BrokerProcess, group: string, stored: number): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while ((await committedOf(broker, group)).offsets < stored) {
    if (performance.now() > deadline) throw new Error('the group did not commit all that it read');
    await sleep(50);
  }
}

/** All that the group has committed, and how many members it has left. */
async function committedOf(
  broker: BrokerProcess,
  group: string,
): Promise<{ readonly offsets: number; readonly members: number }> {
  const admin = new Admin({ broker: broker.address, clientId: 'demo' });
  try {
    const { offsets, members } = await admin.describeGroup(group);
    const sum = offsets.reduce((total, { offset }) => total + offset, 0);
    return { offsets: sum, members: members.length };
  } finally {
    await admin.close();
  }
}
