// A broker as a process: the ready line, signals, and what happens when something unforeseen does.
import { constants } from 'node:os';
import { BrokerStartError } from './config/broker-start-error';
import type { BrokerSettings } from './config/settings-table';
import type { OpenStorage } from './instance/broker-instance';
import { startBroker, type RunningBroker } from './start-broker';

/** How long an unforeseen error leaves for a last sync. */
const EMERGENCY_STOP_MS = 3_000;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** The process that a broker runs in; a test hands in one of its own. */
export interface BrokerProcess extends Pick<NodeJS.EventEmitter, 'on'> {
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
}

/**
 * Runs a broker until a signal ends it, then exits the process.
 *
 * stdout gets one line when the broker is ready: JSON, or a sentence on a terminal. The first
 * SIGTERM, SIGINT or SIGHUP stops it gracefully and exits 0, or 1 when the last sync failed; a
 * second one exits at once with 128 and the signal's number. A broker that cannot start exits with
 * the code of its BrokerStartError and one line on stderr.
 */
export async function runBroker(
  settings: Partial<BrokerSettings>,
  host: BrokerProcess = process as BrokerProcess,
  openStorage?: OpenStorage,
): Promise<void> {
  const run = new BrokerRun(host);
  run.listen();
  let broker: RunningBroker;
  try {
    broker = await startBroker(settings, openStorage);
  } catch (error) {
    if (!(error instanceof BrokerStartError)) throw error;
    host.stderr.write(`walrusmq: ${error.message}\n`);
    host.exit(error.exitCode);
    return;
  }
  run.started(broker);
}

/** The line that says that a broker is ready. */
export function readyLine(
  broker: Pick<RunningBroker, 'addresses' | 'dataDir'>,
  isTty: boolean,
): string {
  const { addresses, dataDir } = broker;
  if (!isTty) return JSON.stringify({ event: 'ready', ...addresses, dataDir });
  const { kafkaInstances = {}, ...others } = addresses;
  const instances = Object.entries(kafkaInstances).map(
    ([key, address]) => [`kafka of ${key}`, address] as const,
  );
  const listeners = [...Object.entries(others), ...instances].map(
    ([name, address]) => `${name} on ${address}`,
  );
  const where = listeners.length === 0 ? 'no listener' : listeners.join(', ');
  return `WalrusMQ is ready: ${where}, data in ${dataDir}. Ctrl-C stops it.`;
}

/** What the signals of one process have led to. */
class BrokerRun {
  private broker: RunningBroker | undefined;
  private stopWanted = false;
  private isFailing = false;

  constructor(private readonly host: BrokerProcess) {}

  listen(): void {
    for (const signal of STOP_SIGNALS) this.host.on(signal, () => this.onSignal(signal));
    this.host.on('uncaughtException', (error: Error) => void this.onFailure(error));
    this.host.on('unhandledRejection', (error: unknown) => void this.onFailure(error));
  }

  started(broker: RunningBroker): void {
    this.broker = broker;
    this.host.stdout.write(`${readyLine(broker, this.host.stdout.isTTY === true)}\n`);
    if (this.stopWanted) void this.stop();
  }

  private onSignal(signal: (typeof STOP_SIGNALS)[number]): void {
    if (this.stopWanted) {
      this.host.exit(128 + constants.signals[signal]);
      return;
    }
    this.stopWanted = true;
    // A signal that comes before the broker is ready is honoured as soon as it is.
    if (this.broker !== undefined) void this.stop();
  }

  private async stop(): Promise<void> {
    let exitCode = 0;
    try {
      await this.broker?.stop();
    } catch (error) {
      this.host.stderr.write(`walrusmq: the stop failed: ${describe(error)}\n`);
      exitCode = 1;
    }
    this.host.exit(exitCode);
  }

  private async onFailure(error: unknown): Promise<void> {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.host.stderr.write(`walrusmq: unexpected error, stopping: ${text}\n`);
    if (this.isFailing) return;
    this.isFailing = true;
    // The state of the process is unknown now: one bounded try to sync, then out.
    const lastResort = setTimeout(() => this.host.exit(1), EMERGENCY_STOP_MS);
    try {
      await this.broker?.stop();
    } catch (stopError) {
      this.host.stderr.write(`walrusmq: the stop failed: ${describe(stopError)}\n`);
    }
    clearTimeout(lastResort);
    this.host.exit(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
