import { basename, dirname, sep } from 'node:path';
import { loadConfig, type ServerConfig } from './load.js';
import type { NeededVariables } from './needed-variables.js';

let loaded: ServerConfig | undefined;

/**
 * The configuration of this process, read from the environment at first use and never again.
 *
 * It is an object that fills itself, so that `Config.SERVER_ID` can stand in a decorator, which runs at import.
 *
 * @throws ConfigError at first use, when the environment is wrong.
 */
export const Config: ServerConfig = new Proxy({} as ServerConfig, {
  get: (_, name) => Reflect.get(current(), name) as unknown,
  has: (_, name) => Reflect.has(current(), name),
  ownKeys: () => Reflect.ownKeys(current()),
  getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor({ ...current() }, name),
});

/**
 * Reads the configuration, and checks that it has what this server type can't do without. To be called before anything else
 * reads it, so that all wrong variables are named at once.
 *
 * @throws ConfigError
 */
export function requireVariables(needed: NeededVariables): void {
  loaded = loadConfig(process.env, appFolder(), needed);
}

function current(): ServerConfig {
  return (loaded ??= loadConfig(process.env, appFolder()));
}

/** `…/apps/matching/src/main.js` → `matching`; outside an app, `local`. */
function appFolder(): string {
  const parts = dirname(process.argv[1] ?? '').split(sep);
  const app = parts[parts.lastIndexOf('apps') + 1];
  return parts.includes('apps') && app ? basename(app) : 'local';
}
