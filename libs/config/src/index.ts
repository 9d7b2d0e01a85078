export { Config, requireVariables } from './config.js';
export { ConfigError, type WrongVariable } from './config-error.js';
export { loadConfig, type ServerConfig } from './load.js';
export {
  compareVersions,
  isVersion,
  isVersionLabel,
  nameClash,
  namedVersion,
  parseVersion,
  takeVersionFromPath,
  type Version,
  versionLabelPattern,
  versionName,
} from './version.js';
export { parseNatsAddress, redactNatsAddress, type NatsServers } from './nats-address.js';
export type { NeededVariables } from './needed-variables.js';
export { makeTokenKey, type TokenKey } from './token-keys.js';
export { expectedName, isName, type NameKind } from './names.js';
