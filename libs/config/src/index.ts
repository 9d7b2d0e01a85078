export { ConfigError, type WrongVariable } from './config-error.js';
export { Config, requireVariables } from './config.js';
export { hashOf } from './hash.js';
export { type ServerConfig, loadConfig } from './load.js';
export { type NameKind, expectedName, isName, nameSchema } from './names.js';
export { type NatsServers, parseNatsAddress, redactNatsAddress } from './nats-address.js';
export { isNatsVersionSupported, oldestNatsVersion } from './nats-version.js';
export type { NeededVariables } from './needed-variables.js';
export { errorText, showValue } from './show-value.js';
export { addPublicKey, type TokenKey, isTokenKeyName, makeTokenKey, parseSigningKey } from './token-keys.js';
export {
  type Version,
  compareVersions,
  isVersion,
  isVersionLabel,
  nameClash,
  namedVersion,
  parseVersion,
  pathOfTarget,
  takeVersionFromPath,
  versionLabelPattern,
  versionName,
} from './version.js';
export { defineVariables, type VariableRule } from './define-variables.js';
export { environmentSchema, secretVariables } from './schema.js';
