import { isIP } from 'node:net';
import { BrokerStartError } from './broker-start-error';
import {
  defaultSettings,
  settingsTable,
  type BrokerSettings,
  type Setting,
} from './settings-table';
import type { KafkaListenerSetting, KafkaPortSetting } from './setting-values';

const KAFKA_PORT = 9092;

/**
 * Values as they came from the command line, by setting name; `true` for a flag that stands alone,
 * a list for one that may be given several times.
 */
export type SettingFlags = Readonly<
  Partial<Record<keyof BrokerSettings, string | boolean | readonly string[]>>
>;

/**
 * The settings of a broker: a flag wins over its environment variable, that over the default.
 *
 * An empty environment variable counts as not set, as in a compose file that passes one through.
 *
 * @throws {BrokerStartError} `INVALID_SETTING` or `INSECURE_HOST`: names the flag or the variable,
 *   what it said and what would be accepted.
 */
export function readBrokerSettings(
  flags: SettingFlags = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): BrokerSettings {
  const values: Partial<Record<keyof BrokerSettings, unknown>> = {};
  for (const setting of settingsTable) {
    const flag = flags[setting.name];
    const variable = environment[setting.variable];
    if (flag !== undefined) values[setting.name] = parse(setting, String(flag), setting.flag);
    else if (variable !== undefined && variable !== '') {
      values[setting.name] = parse(setting, variable, setting.variable);
    }
  }
  return completeSettings(values as Partial<BrokerSettings>);
}

/**
 * Fills in the defaults and checks the rules that span several settings.
 *
 * @throws {BrokerStartError} `INVALID_SETTING` or `INSECURE_HOST`.
 */
export function completeSettings(partial: Partial<BrokerSettings>): BrokerSettings {
  const given = Object.entries(partial).filter(
    (entry: [string, unknown]) => entry[1] !== undefined,
  );
  // A second broker on a machine, or a test, says it once.
  const isEphemeral = partial.port === 0;
  const wsPort = isEphemeral ? 0 : defaultSettings.wsPort;
  const kafkaPort = withDefaultListener(partial.kafkaPort, isEphemeral ? 0 : KAFKA_PORT);
  const ports = { wsPort, ...Object.fromEntries(given), kafkaPort };
  const settings: BrokerSettings = { ...defaultSettings, ...ports };
  if (!settings.insecure && !isLoopback(settings.host)) {
    throw new BrokerStartError(
      'INSECURE_HOST',
      `--host ${settings.host} can be reached from other machines and nobody has to ` +
        'authenticate: use a loopback address, or add --insecure.',
    );
  }
  atMost(settings, 'batchBytesMax', 'frameBytesMax');
  atMost(settings, 'batchBytesMax', 'queuedBytesMax');
  atMost(settings, 'groupSessionTimeoutMinMs', 'groupSessionTimeoutMaxMs');
  atMost(settings, 'groupConsumerHeartbeatIntervalMs', 'groupConsumerSessionTimeoutMs');
  checkAdvertised(settings);
  return settings;
}

/** The Kafka listeners that there are to be. */
export function kafkaListenersOf({
  kafkaPort,
}: Pick<BrokerSettings, 'kafkaPort'>): readonly KafkaListenerSetting[] {
  const listeners =
    typeof kafkaPort === 'object' ? kafkaPort : [{ instance: undefined, port: kafkaPort }];
  return listeners.filter(({ port }) => port !== 'off');
}

/** Whether a host names this machine only; a name other than localhost is taken to be reachable. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function parse(setting: Setting, value: string, source: string): unknown {
  const parsed = setting.parse(value);
  if (parsed === undefined) {
    throw new BrokerStartError(
      'INVALID_SETTING',
      `${source} is '${value}': expected ${setting.accepts}.`,
    );
  }
  return parsed;
}

/** Ports of other instances leave the default one's as it is. */
function withDefaultListener(given: KafkaPortSetting | undefined, port: number): KafkaPortSetting {
  if (typeof given !== 'object') return given ?? port;
  const hasDefault = given.some(({ instance }) => instance === undefined);
  return hasDefault ? given : [{ instance: undefined, port }, ...given];
}

function checkAdvertised(settings: BrokerSettings): void {
  const listeners = kafkaListenersOf(settings);
  for (const { listener } of settings.kafkaAdvertised) {
    const isThere = listeners.some(
      ({ instance, port }) => listener === instance || listener === `:${port}`,
    );
    if (isThere) continue;
    const whose = listener === undefined ? 'the default instance' : `'${listener}'`;
    throw new BrokerStartError(
      'INVALID_SETTING',
      `--kafka-advertised has an address for ${whose}, which has no Kafka listener: ` +
        'give it one with --kafka-port, or leave the address out.',
    );
  }
}

/** The settings that are one number. */
type NumberSetting = {
  [Name in keyof BrokerSettings]: BrokerSettings[Name] extends number ? Name : never;
}[keyof BrokerSettings];

function atMost(settings: BrokerSettings, low: NumberSetting, high: NumberSetting): void {
  if (settings[low] <= settings[high]) return;
  const flags = [low, high].map((name) => settingsTable.find((row) => row.name === name)?.flag);
  throw new BrokerStartError(
    'INVALID_SETTING',
    `${flags[0]} (${settings[low]}) is larger than ${flags[1]} (${settings[high]}): ` +
      `lower the first or raise the second.`,
  );
}
