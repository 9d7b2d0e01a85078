import { checkName } from '../names/check-name.js';
import { invalid } from '../validation/invalid.js';
import type { ServerTypeTarget } from './target.js';

const known = new Map<string, Readonly<ServerTypeTarget<string>>>();
/** A player may spell any route. */
const mostKnown = 1_000;

/**
 * The target of a player's message: `matching.join` is the handler `join` of any server of the type `matching`, and it can
 * only be a handler for players. Nothing else can be said with a route.
 *
 * @throws RpcError INVALID
 */
export function clientTarget(route: string, version?: string): Readonly<ServerTypeTarget<string>> {
  if (version !== undefined) return readRoute(route, version);
  const found = known.get(route);
  if (found) return found;
  const target = Object.freeze(readRoute(route));
  if (known.size >= mostKnown) known.clear();
  known.set(route, target);
  return target;
}

function readRoute(route: string, version?: string): Readonly<ServerTypeTarget<string>> {
  const [serverType, handler, ...rest] = String(route).slice(0, 128).split('.');
  if (rest.length > 0 || handler === undefined) {
    throw invalid([{ field: 'route', rule: 'expected <server type>.<handler>' }]);
  }
  return {
    scope: 'client',
    serverType: checkName('serverType', serverType),
    handler: checkName('handler', handler),
    ...(version === undefined ? {} : { version: checkName('version', version) }),
  };
}
