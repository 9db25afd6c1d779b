import { advanceReplay, encodeCatalogueRecord, replayCatalogue } from './catalogue-records';
import type { CatalogueRecord, ReplayedCatalogue } from './catalogue-records';
import { callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import type { TopicDescription } from './topic-catalogue';

/**
 * The topics of an instance that several threads of the process may have open.
 *
 * Each thread replays the catalogue's log, and goes on replaying it whenever it misses something.
 * Two threads that create a topic at the same time both append it; the first in the log wins, for
 * all of them and after every restart.
 */
export class SharedCatalogue {
  private readonly replayed: ReplayedCatalogue;

  /** @throws {StorageError} As `replayCatalogue`. */
  constructor(private readonly native: NativeWal) {
    this.replayed = replayCatalogue(native);
  }

  /** The catalogue's own log: it grows when a topic is created or deleted. */
  get handle(): number {
    return this.replayed.handle;
  }

  /** Ids of topics whose logs may go. */
  get deletedTopicIds(): ReadonlySet<string> {
    return new Set(this.replayed.deletedTopics.keys());
  }

  /** All topics as of now, in the order of their creation. */
  list(): readonly TopicDescription[] {
    this.refresh();
    return this.replayed.table.list();
  }

  /** The topic of that name. One that another thread deleted may be found until `refresh`. */
  find(name: string): TopicDescription | undefined {
    const known = this.replayed.table.find(name);
    if (known !== undefined) return known;
    this.refresh();
    return this.replayed.table.find(name);
  }

  /** Takes in what other threads have changed. */
  refresh(): void {
    advanceReplay(this.native, this.replayed);
  }

  /**
   * The topic of that name, created with one partition when there is none; then it is durable by
   * the schedule.
   * @throws {StorageError} INVALID_INPUT for a name that is none; FENCED, NO_SPACE, IO, CLOSED.
   */
  findOrCreate(name: string): TopicDescription {
    const known = this.find(name);
    if (known !== undefined) return known;
    const { table } = this.replayed;
    const topic = table.beginCreate(name, { partitionCount: 1 });
    table.end(name);
    this.append({ type: 'topicCreated', ...topic });
    return table.find(name) ?? this.findOrCreate(name);
  }

  /**
   * Takes the topic out of the catalogue, durable by the schedule.
   * @throws {StorageError} FENCED, NO_SPACE, IO, CLOSED.
   */
  remove({ name, id }: TopicDescription): void {
    this.append({ type: 'topicDeleted', name, id });
  }

  private append(record: CatalogueRecord): void {
    const { handle } = this.replayed;
    callNative(() => this.native.appendSync(handle, [encodeCatalogueRecord(record)]));
    this.refresh();
  }
}
