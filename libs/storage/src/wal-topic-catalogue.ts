import { encodeCatalogueRecord } from './catalogue-records';
import type { CatalogueRecord } from './catalogue-records';
import type { PartitionLog } from './partition-log';
import type {
  TopicCatalogue,
  TopicChange,
  TopicDescription,
  TopicSettings,
} from './topic-catalogue';
import type { TopicTable } from './topic-table';

/**
 * The topic catalogue on the instance's own log.
 *
 * Life: made with what `replayCatalogue` found. A change that fails with FENCED or IO is not
 * visible, and may be after a restart.
 */
export class WalTopicCatalogue implements TopicCatalogue {
  constructor(
    private readonly log: PartitionLog,
    private readonly table: TopicTable,
  ) {}

  list(): readonly TopicDescription[] {
    return this.table.list();
  }

  find(name: string): TopicDescription | undefined {
    return this.table.find(name);
  }

  async create(name: string, settings: TopicSettings): Promise<TopicDescription> {
    const topic = this.table.beginCreate(name, settings);
    await this.store({ type: 'topicCreated', ...topic });
    this.table.add(topic);
    return topic;
  }

  async alter(name: string, change: TopicChange): Promise<TopicDescription> {
    const topic = this.table.beginAlter(name, change);
    await this.store({ type: 'topicAltered', ...topic });
    this.table.add(topic);
    return topic;
  }

  async delete(name: string): Promise<TopicDescription> {
    const topic = this.table.beginDelete(name);
    await this.store({ type: 'topicDeleted', name, id: topic.id });
    this.table.remove(name);
    return topic;
  }

  /** Appends the record; whatever comes of it, its topic's name is free for the next change. */
  private async store(record: Exclude<CatalogueRecord, { type: 'instance' }>): Promise<void> {
    try {
      await this.log.append([encodeCatalogueRecord(record)]).synced;
    } finally {
      this.table.end(record.name);
    }
  }
}
