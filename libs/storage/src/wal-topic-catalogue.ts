import type { CatalogueLog } from './catalogue-log';
import type { CatalogueChange } from './catalogue-records';
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
 * Life: made with what `loadCatalogue` found. A change that fails with FENCED or IO is not visible,
 * and may be after a restart.
 */
export class WalTopicCatalogue implements TopicCatalogue {
  constructor(
    private readonly log: CatalogueLog,
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
    await this.store({ type: 'topicCreated', ...topic }, () => this.table.add(topic));
    return topic;
  }

  async alter(name: string, change: TopicChange): Promise<TopicDescription> {
    const topic = this.table.beginAlter(name, change);
    await this.store({ type: 'topicAltered', ...topic }, () => this.table.add(topic));
    return topic;
  }

  async delete(name: string): Promise<TopicDescription> {
    const topic = this.table.beginDelete(name);
    await this.store({ type: 'topicDeleted', name, id: topic.id }, () => this.table.remove(name));
    return topic;
  }

  /** Stores the record; whatever comes of it, its topic's name is free for the next change. */
  private async store(record: CatalogueChange, apply: () => void): Promise<void> {
    try {
      await this.log.append(record, apply);
    } finally {
      this.table.end(record.name);
    }
  }
}
