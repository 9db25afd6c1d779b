// Members of a consumer group as processes, and what the broker says of the group meanwhile.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Admin, type ConsumerOptions } from '@walrusmq/client';

const PROGRAM = join(__dirname, 'group-member.mjs');

/** Resolves once `condition` holds; rejects with what it waited for, and what members tell then. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 30_000,
  members: readonly MemberProcess[] = [],
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      const told = members.map(({ name, events, stderr }) => {
        return `\n${name}: ${events.join(', ')}\n${stderr}`;
      });
      throw new Error(`never came true: ${what}${told.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One member; its process lives from the constructor to `kill` or `stop`. */
export class MemberProcess {
  /** What it told but for records, oldest first. */
  readonly events: string[] = [];
  /** Places and values of records, oldest first. */
  readonly records: { readonly key: string; readonly offset: number; readonly value: string }[] =
    [];
  /** What it owns as it told. */
  readonly owned = new Set<string>();
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private log = '';

  constructor(
    readonly name: string,
    options: Partial<ConsumerOptions>,
    private readonly onRecord: (key: string, offset: number, value: string) => void,
  ) {
    const argument = JSON.stringify({ ...options, clientId: name });
    const child = spawn(process.execPath, [PROGRAM, argument], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => this.take(line));
    this.ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  }

  /** What it was told that it has lost, beginning with that event. */
  lostSince(event: number): ReadonlySet<string> {
    const lost = this.events.slice(event).filter((each) => each.startsWith('lost '));
    return new Set(lost.flatMap((each) => each.split(' ').slice(1)));
  }

  /** What it wrote to stderr. */
  get stderr(): string {
    return this.log;
  }

  /** SIGKILL; resolves once it is gone and all that it told was taken. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM: it closes its consumer. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }

  /** SIGSTOP: it does nothing, and does not know. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  /** SIGCONT: it goes on as if nothing had been. */
  thaw(): void {
    this.child.kill('SIGCONT');
  }

  private take(line: string): void {
    const [what = '', ...words] = line.split(' ');
    if (what === 'record') {
      const [key = '', offset, value = ''] = words;
      this.records.push({ key, offset: Number(offset), value });
      this.onRecord(key, Number(offset), value);
      return;
    }
    this.events.push(line);
    if (what === 'assigned') for (const key of words) this.owned.add(key);
    if (what === 'revoked' || what === 'lost') for (const key of words) this.owned.delete(key);
  }
}

/**
 * Asks the broker about a group again and again, and remembers what must never be: a partition with
 * two owners, or a committed offset that goes back.
 */
export class GroupMonitor {
  readonly violations: string[] = [];
  /** The last committed offsets. */
  readonly committed = new Map<string, number>();
  /** What each client owns by the broker. */
  owners = new Map<string, string[]>();
  looks = 0;
  private readonly admin: Admin;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    broker: string,
    private readonly group: string,
  ) {
    // A broker that is killed is long in coming back where the machine has much to do.
    const retryTimeoutMs = 60_000;
    this.admin = new Admin({ broker, retryTimeoutMs, backoff: { initialMs: 10, maxMs: 100 } });
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await this.admin.close();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        this.look(await this.admin.describeGroup(this.group));
      } catch (error) {
        const { code } = error as { code?: string };
        if (code !== 'GROUP_ID_NOT_FOUND') this.violations.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private look({ members, offsets }: Awaited<ReturnType<Admin['describeGroup']>>): void {
    const owners = new Map<string, string[]>();
    const ownerOf = new Map<string, string>();
    for (const { client, member, assignment } of members) {
      const keys = (assignment ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((each) => `${topic}/${each}`),
      );
      owners.set(client, keys);
      for (const key of keys) {
        const other = ownerOf.get(key);
        if (other !== undefined) this.violations.push(`${key} is of ${other} and of ${member}`);
        ownerOf.set(key, member);
      }
    }
    this.owners = owners;
    for (const { topic, partition, offset } of offsets) {
      const key = `${topic}/${partition}`;
      const before = this.committed.get(key) ?? 0;
      if (offset < before) this.violations.push(`${key} went from ${before} back to ${offset}`);
      this.committed.set(key, offset);
    }
    this.looks += 1;
  }
}
