// The door of the broker: what the command line and the test library may use.
export { BrokerStartError, type BrokerStartErrorCode } from './config/broker-start-error';
export { readBrokerSettings, type SettingFlags } from './config/read-settings';
export { BROKER_VERSION } from './config/version';
export {
  defaultSettings,
  settingsTable,
  type BrokerSettings,
  type LogFormat,
  type LogLevel,
  type Setting,
} from './config/settings-table';
export type { FsyncSetting, PortSetting } from './config/setting-values';
export type { BrokerAddresses } from './broker-lifecycle';
export { runBroker, type BrokerProcess } from './run-broker';
export { startBroker, type BrokerDiagnostics, type RunningBroker } from './start-broker';
