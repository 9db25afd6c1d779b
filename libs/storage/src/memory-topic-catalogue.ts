import type { MemoryCommit } from './memory-partition-log';
import { StorageError } from './storage-error';
import type {
  TopicCatalogue,
  TopicChange,
  TopicDescription,
  TopicSettings,
} from './topic-catalogue';
import { TopicTable } from './topic-table';

/** A topic catalogue that forgets everything with the process; for tests. */
export class MemoryTopicCatalogue implements TopicCatalogue {
  private readonly table = new TopicTable();
  private isClosed = false;

  constructor(private readonly commit: MemoryCommit) {}

  list(): readonly TopicDescription[] {
    return this.table.list();
  }

  find(name: string): TopicDescription | undefined {
    return this.table.find(name);
  }

  async create(name: string, settings: TopicSettings): Promise<TopicDescription> {
    this.checkOpen();
    const topic = this.table.beginCreate(name, settings);
    return this.settle(topic, () => {
      this.table.add(topic);
    });
  }

  async alter(name: string, change: TopicChange): Promise<TopicDescription> {
    this.checkOpen();
    const topic = this.table.beginAlter(name, change);
    return this.settle(topic, () => {
      this.table.add(topic);
    });
  }

  async delete(name: string): Promise<TopicDescription> {
    this.checkOpen();
    const topic = this.table.beginDelete(name);
    return this.settle(topic, () => {
      this.table.remove(name);
    });
  }

  /** Ends the catalogue: later changes fail with CLOSED. */
  close(): void {
    this.isClosed = true;
  }

  private settle(topic: TopicDescription, apply: () => void): Promise<TopicDescription> {
    return new Promise((resolve) => {
      this.commit(() => {
        apply();
        this.table.end(topic.name);
        resolve(topic);
      });
    });
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StorageError('CLOSED', 'the instance is closed');
  }
}
