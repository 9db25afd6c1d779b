import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openWalStorage } from '@walrusmq/storage';
import { BrokerLifecycle, type BrokerAddresses } from './broker-lifecycle';
import { BrokerInstances, BrokerModule } from './broker.module';
import { completeSettings } from './config/read-settings';
import type { BrokerSettings } from './config/settings-table';
import type { OpenStorage } from './instance/broker-instance';
import { openBrokerLog } from './observability/broker-log';
import {
  Counters,
  readProcessDiagnostics,
  type ProcessDiagnostics,
} from './observability/counters';

/** A broker that is ready. */
export interface RunningBroker {
  readonly addresses: BrokerAddresses;
  /** The data directory as an absolute path. */
  readonly dataDir: string;
  /** What the broker counted and what the process uses, now. */
  diagnostics(): BrokerDiagnostics;
  /**
   * Answers what was begun, syncs and closes; takes `stopTimeoutMs` and a sync at most. Idempotent.
   * Rejects when the last sync failed: then what was not acknowledged as durable may be lost.
   */
  stop(): Promise<void>;
}

/** Figures about a running broker, for people and tests. */
export interface BrokerDiagnostics {
  readonly counters: Readonly<Record<string, number>>;
  readonly process: ProcessDiagnostics;
}

/**
 * Starts a broker in this process.
 *
 * @param given Settings that differ from their defaults; environment variables are not read here.
 * @param openStorage Where records are kept; on the write-ahead log unless a test says otherwise.
 * @returns Once it listens. Rejects with BrokerStartError, with nothing left open.
 */
export async function startBroker(
  given: Partial<BrokerSettings> = {},
  openStorage: OpenStorage = openWalStorage,
): Promise<RunningBroker> {
  const settings = completeSettings(given);
  const log = openBrokerLog(settings);
  const options = { settings, logger: log.logger, openStorage };
  const context = await NestFactory.createApplicationContext(BrokerModule.forBroker(options), {
    // Nest's own start lines say nothing that the broker's log does not.
    logger: false,
    abortOnError: false,
  });
  const lifecycle = context.get(BrokerLifecycle);
  try {
    await lifecycle.start();
  } catch (error) {
    await context.close();
    log.flush();
    throw error;
  }
  const counters = context.get(Counters);
  const stop = async (): Promise<void> => {
    try {
      await lifecycle.stop();
    } finally {
      await context.close();
      log.flush();
    }
  };
  let stopping: Promise<void> | undefined;
  return {
    addresses: lifecycle.addresses,
    dataDir: context.get(BrokerInstances).default.directory,
    diagnostics: () => ({ counters: counters.snapshot(), process: readProcessDiagnostics() }),
    stop: () => (stopping ??= stop()),
  };
}
