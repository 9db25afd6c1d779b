// The broker alone, for `nest start broker`; `walrusmq broker` is the command that people use.
import { parseArgs } from 'node:util';
import { BrokerStartError } from './config/broker-start-error';
import { readBrokerSettings, type SettingFlags } from './config/read-settings';
import { settingsTable, type BrokerSettings } from './config/settings-table';
import { runBroker } from './run-broker';

function readFlags(): SettingFlags {
  const options = Object.fromEntries(
    settingsTable.map(({ flag, placeholder, isRepeatable: multiple }) => {
      const type = placeholder === undefined ? ('boolean' as const) : ('string' as const);
      return [flag.slice(2), { type, multiple }];
    }),
  );
  try {
    const { values } = parseArgs({ options });
    return Object.fromEntries(settingsTable.map(({ name, flag }) => [name, values[flag.slice(2)]]));
  } catch (error) {
    throw new BrokerStartError('INVALID_SETTING', (error as Error).message, { cause: error });
  }
}

function readSettings(): BrokerSettings | undefined {
  try {
    return readBrokerSettings(readFlags());
  } catch (error) {
    if (!(error instanceof BrokerStartError)) throw error;
    process.stderr.write(`walrusmq: ${error.message}\n`);
    process.exitCode = error.exitCode;
    return undefined;
  }
}

const settings = readSettings();
if (settings !== undefined) void runBroker(settings);
