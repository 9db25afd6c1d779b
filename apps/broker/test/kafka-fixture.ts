// What specs of Kafka's handlers are made of: a whole instance, and frames that a client sends to
// it without a socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeResponse,
  encodeRequest,
  findApi,
  kafkaErrorName,
  type AnyApiCodec,
  type ApiCodec,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import { openMemoryStorage } from '@walrusmq/storage';
import { pino } from 'pino';
import { defaultSettings, type BrokerSettings } from '../src/config/settings-table';
import type { OpenStorage } from '../src/instance/broker-instance';
import { NOTHING_SET } from '../src/instance/own-settings';
import { InstanceServices } from '../src/instance-services';
import { KafkaProtocol, type KafkaWire } from '../src/network/kafka-wire';
import { Counters } from '../src/observability/counters';
import { machineClocks } from '../src/partition/retention-clock';
import type { Topics } from '../src/topic/topics';

/** Where clients of the fixture are told to connect to. */
export const ADVERTISED = { host: 'broker.test', port: 19_092 };

/** The versions of an API that clients are told of. */
export function advertisedVersions({ key, name, minVersion }: AnyApiCodec): readonly number[] {
  const entry = findApi(key);
  if (entry === undefined) throw new Error(`${name} is not in the table`);
  const first = Math.max(entry.minVersion, minVersion);
  return Array.from({ length: entry.maxVersion - first + 1 }, (_, at) => first + at);
}

/** An error as its name, which a failed test shows better. */
export function errorName(code: number): string {
  return kafkaErrorName(code) ?? `error ${code}`;
}

/** An instance that is open, and one client of it. */
export class KafkaFixture {
  private correlationId = 0;

  private constructor(
    readonly services: InstanceServices,
    private readonly wire: KafkaWire,
    readonly directory: string,
  ) {}

  /** @param settings With a `dataDir`, that is used, and removed in the end. */
  static async open(
    settings: Partial<BrokerSettings> = {},
    openStorage: OpenStorage = () => openMemoryStorage(),
  ): Promise<KafkaFixture> {
    const { dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-kafka-')) } = settings;
    const log = pino({ level: 'silent' });
    const wide = { openStorage, clocks: machineClocks, counters: new Counters(), log };
    const all = { ...defaultSettings, ...settings, dataDir };
    const services = new InstanceServices('default', all, NOTHING_SET, wide);
    await services.open();
    const protocol = new KafkaProtocol({
      frameBytesMax: all.frameBytesMax,
      instance: () => services,
      advertised: () => ADVERTISED,
      requests: new Map(),
    });
    return new KafkaFixture(services, protocol.open(ADVERTISED), dataDir);
  }

  /** As after a restart, on the same directory; this one is over. */
  async reopened(
    settings: Partial<BrokerSettings>,
    openStorage: OpenStorage,
  ): Promise<KafkaFixture> {
    await this.services.close();
    return KafkaFixture.open({ ...settings, dataDir: this.directory }, openStorage);
  }

  get topics(): Topics {
    return this.services.topics;
  }

  /** What the broker answers, through the bytes of both; rejects where it would hang up. */
  async ask<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    this.correlationId += 1;
    const sent = this.correlationId;
    const origin = { correlationId: sent, clientId: 'test' };
    const frame = Buffer.concat(encodeRequest(codec, version, origin, request));
    const [asked] = this.wire.receive(frame);
    if (asked === undefined) throw new Error('the frame holds no request');
    let pieces: readonly Buffer[];
    try {
      pieces = this.wire.encode(asked, await this.wire.dispatch(asked));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      pieces = this.wire.refuse(asked, error).pieces;
      if (pieces.length === 0) throw error;
    }
    const reply = Buffer.concat(pieces);
    if (reply.readInt32BE(0) !== reply.length - 4) throw new Error('the length is not that');
    const { correlationId, response } = decodeResponse(codec, version, reply.subarray(4));
    if (correlationId !== sent) throw new Error('it answers another request');
    return response;
  }

  async close(): Promise<void> {
    await this.services.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
