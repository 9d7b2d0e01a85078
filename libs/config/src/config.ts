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
  loaded = loadConfig(process.env, ownType(), needed);
}

function current(): ServerConfig {
  return (loaded ??= loadConfig(process.env, ownType()));
}

/** `…/dist/servers/matching.js` and `…/dist/apps/matching/src/main.js` → `matching`; outside a server, `local`. */
function ownType(): string {
  const path = (process.argv[1] ?? '').replaceAll('\\', '/');
  const found = /\/dist\/servers\/([^/]+)\.js$/.exec(path) ?? /.*\/apps\/([^/]+)\//.exec(path);
  return found?.[1] ?? 'local';
}
