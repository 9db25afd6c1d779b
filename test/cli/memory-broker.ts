// A broker in this process that keeps everything in memory.
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { Admin } from '@walrusmq/client';
import { openMemoryStorage } from '@walrusmq/storage';
import { rmSync } from 'node:fs';
import { newDirectory } from './command';

/** Listens on a free port; stopped by the test that started it. */
export class MemoryBroker {
  readonly admin: Admin;

  private constructor(
    private readonly broker: RunningBroker,
    readonly address: string,
    private readonly dataDir: string,
  ) {
    this.admin = new Admin({ broker: address });
  }

  static async start(): Promise<MemoryBroker> {
    const dataDir = newDirectory();
    const settings = { port: 0, logLevel: 'silent', dataDir } as const;
    const broker = await startBroker(settings, () => openMemoryStorage());
    const { msgpack } = broker.addresses;
    if (msgpack === undefined) throw new Error('the broker does not listen');
    return new MemoryBroker(broker, msgpack, dataDir);
  }

  async stop(): Promise<void> {
    await this.admin.close();
    await this.broker.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
