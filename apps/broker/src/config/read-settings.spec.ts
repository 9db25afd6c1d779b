import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerStartError } from './broker-start-error';
import { completeSettings, isLoopback, readBrokerSettings } from './read-settings';
import { defaultSettings, settingsTable, type BrokerSettings } from './settings-table';
import { BROKER_VERSION } from './version';

function refusal(read: () => unknown): BrokerStartError {
  try {
    read();
  } catch (error) {
    if (error instanceof BrokerStartError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('readBrokerSettings', () => {
  it('gives the defaults when nothing is said', () => {
    const settings = readBrokerSettings({}, {});
    expect(settings).toEqual(defaultSettings);
    expect(settings).toMatchObject({
      dataDir: 'wal_files',
      host: '127.0.0.1',
      port: 9192,
      fsync: { kind: 'sync-each' },
      batchBytesMax: 1_048_588,
    });
  });

  it('prefers a flag to its variable and a variable to the default', () => {
    const environment = { WALRUS_DATA_DIR: '/data', WALRUSMQ_PORT: '7000', WALRUSMQ_HOST: '' };
    const settings = readBrokerSettings({ port: '0' }, environment);
    expect(settings).toMatchObject({ dataDir: '/data', port: 0, host: '127.0.0.1' });
  });

  it.each<[keyof BrokerSettings, string, unknown]>([
    ['port', 'off', 'off'],
    ['port', '65535', 65_535],
    ['fsync', 'no-fsync', { kind: 'no-fsync' }],
    ['fsync', '200ms', { kind: 'milliseconds', intervalMs: 200 }],
    ['readConsistency', 'strictly-at-once', { kind: 'strictly-at-once' }],
    ['readConsistency', 'at-least-once:1', { kind: 'at-least-once', persistEvery: 1 }],
    [
      'readConsistency',
      'at-least-once:4294967295',
      { kind: 'at-least-once', persistEvery: 4_294_967_295 },
    ],
    ['frameBytesMax', '8MiB', 8 * 1024 * 1024],
    ['frameBytesMax', '2097152', 2_097_152],
    ['stopTimeoutMs', '5s', 5000],
    ['stopTimeoutMs', '250ms', 250],
    ['insecure', 'true', true],
    ['insecure', '0', false],
    ['logLevel', 'silent', 'silent'],
    ['kafkaPort', 'off', 'off'],
    ['kafkaPort', '19092', 19_092],
    [
      'kafkaPort',
      '19092,orders=0,a,b=19094',
      [
        { instance: undefined, port: 19_092 },
        { instance: 'orders', port: 0 },
        { instance: 'a,b', port: 19_094 },
      ],
    ],
    ['kafkaPort', 'default=1', [{ instance: undefined, port: 1 }]],
    ['kafkaAdvertised', 'a.example:1', [{ listener: undefined, host: 'a.example', port: 1 }]],
    [
      'kafkaAdvertised',
      '[2001:db8::7]:9092,:9092=10.0.0.1:2',
      [
        { listener: undefined, host: '2001:db8::7', port: 9092 },
        { listener: ':9092', host: '10.0.0.1', port: 2 },
      ],
    ],
  ])('reads %s from %s', (name, text, value) => {
    expect(readBrokerSettings({ [name]: text }, {})[name]).toEqual(value);
    const variable = settingsTable.find((row) => row.name === name)?.variable ?? '';
    expect(readBrokerSettings({}, { [variable]: text })[name]).toEqual(value);
  });

  it.each<[keyof BrokerSettings, string]>([
    ['port', '65536'],
    ['port', '-1'],
    ['port', '91.5'],
    ['port', 'on'],
    ['fsync', 'sometimes'],
    ['fsync', '0ms'],
    ['fsync', '200'],
    ['fsync', '60001ms'],
    ['readConsistency', 'at-least-once'],
    ['readConsistency', 'at-least-once:0'],
    ['readConsistency', 'at-least-once:4294967296'],
    ['readConsistency', 'exactly-once'],
    ['dataDir', ''],
    ['dataDir', 'a\0b'],
    ['frameBytesMax', '1'],
    ['frameBytesMax', '1e9'],
    ['connectionsMax', '0'],
    ['logLevel', 'loud'],
    ['insecure', 'yes'],
    ['kafkaPort', '65536'],
    ['kafkaPort', 'orders='],
    ['kafkaPort', 'orders=x'],
    ['kafkaPort', '=9092'],
    ['kafkaPort', '9092,'],
    ['kafkaPort', '9092;9093'],
    ['kafkaAdvertised', 'a.example'],
    ['kafkaAdvertised', 'a.example:0'],
    ['kafkaAdvertised', '::1:9092'],
    ['kafkaAdvertised', '[::g]:9092'],
    ['kafkaAdvertised', 'http://a.example:1'],
  ])('refuses %s = %j, saying what it was and what is accepted', (name, text) => {
    const row = settingsTable.find((each) => each.name === name);
    const error = refusal(() => readBrokerSettings({ [name]: text }, {}));
    expect([error.code, error.exitCode]).toEqual(['INVALID_SETTING', 2]);
    expect(error.message).toBe(`${row?.flag} is '${text}': expected ${row?.accepts}.`);
  });

  it('names the variable when that was wrong', () => {
    const error = refusal(() => readBrokerSettings({}, { WALRUSMQ_FSYNC: 'x' }));
    expect(error.message).toMatch(/^WALRUSMQ_FSYNC is 'x': expected sync-each,/);
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', 'example.com', '128.0.0.1', '127.0.0.1.example.com'])(
    'refuses to listen on %s unless told that it is insecure',
    (host) => {
      const error = refusal(() => readBrokerSettings({ host }, {}));
      expect([error.code, error.exitCode]).toEqual(['INSECURE_HOST', 2]);
      expect(error.message).toContain('--insecure');
      expect(readBrokerSettings({ host, insecure: true }, {}).host).toBe(host);
    },
  );

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('knows %s as loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it('refuses a batch limit above the frame limit', () => {
    const error = refusal(() => completeSettings({ frameBytesMax: 8192, batchBytesMax: 8193 }));
    expect(error.message).toContain('--batch-bytes-max (8193) is larger than --frame-bytes-max');
  });

  it('gives the default instance its Kafka port, whatever others have', () => {
    const orders = { instance: 'orders', port: 19_092 };
    expect(completeSettings({ kafkaPort: [orders] }).kafkaPort).toEqual([
      { instance: undefined, port: 9092 },
      orders,
    ]);
    expect(completeSettings({ port: 0 })).toMatchObject({ wsPort: 0, kafkaPort: 0 });
    expect(completeSettings({ port: 0, kafkaPort: 9092 }).kafkaPort).toBe(9092);
    expect(completeSettings({ port: 0, kafkaPort: [orders] }).kafkaPort).toEqual([
      { instance: undefined, port: 0 },
      orders,
    ]);
  });

  it('takes a flag that is given several times as one with commas', () => {
    expect(readBrokerSettings({ kafkaPort: ['off', 'orders=0'] }, {}).kafkaPort).toEqual([
      { instance: undefined, port: 'off' },
      { instance: 'orders', port: 0 },
    ]);
  });

  it.each([
    [{ kafkaPort: 'off' }, undefined, 'the default instance'],
    [{}, 'orders', "'orders'"],
    [{}, ':9093', "':9093'"],
  ] as const)(
    'refuses an advertised address that nobody is told, %j %s',
    (settings, listener, whose) => {
      const kafkaAdvertised = [{ listener, host: 'a', port: 1 }];
      const error = refusal(() => completeSettings({ ...settings, kafkaAdvertised }));
      expect(error.code).toBe('INVALID_SETTING');
      expect(error.message).toContain(`an address for ${whose}, which has no Kafka listener`);
    },
  );

  it('takes an undefined setting for one that is not given', () => {
    expect(completeSettings({ port: undefined }).port).toBe(9192);
  });
});

describe('settingsTable', () => {
  it('accepts every default, written as help shows it', () => {
    for (const row of settingsTable) {
      expect([row.name, row.parse(row.defaultText)]).toEqual([row.name, row.defaultValue]);
    }
  });

  it('gives every setting a flag, a variable and a sentence of its own', () => {
    for (const key of ['flag', 'variable', 'summary'] as const) {
      expect(new Set(settingsTable.map((row) => row[key])).size).toBe(settingsTable.length);
    }
    for (const row of settingsTable) {
      expect(row.flag).toMatch(/^--[a-z-]+$/);
      expect(row.variable).toMatch(/^WALRUS(MQ)?_[A-Z_]+$/);
      expect(row.summary).toMatch(/^[A-Z].*\.$/);
    }
  });
});

it('says the version of package.json', () => {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  expect((JSON.parse(manifest) as { version: string }).version).toBe(BROKER_VERSION);
});
