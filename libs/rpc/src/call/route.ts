import { isName } from '@ccgame/config';
import { subjects } from '../wire/subjects.js';
import { checkName } from '../names/check-name.js';
import type { Target } from '../contract/target.js';
import { invalid } from '../validation/invalid.js';

/** A target made ready: where to publish, and what that allows. */
export interface Route {
  readonly subject: string;
  readonly kind: 'id' | 'any' | 'all' | 'key';
  /** The one server that can answer, where the target says which. */
  readonly serverId?: string;
  readonly serverType?: string;
  readonly version?: string;
  readonly handler: string;
  readonly scope: 'server' | 'client';
}

const sharedRoutes = new WeakMap<object, Map<string, Route>>();
/** Versions come from players' messages too, so their number isn't ours to know. */
const mostVersions = 64;

/**
 * As {@link routeOf}, for a target that is the same at each call: it is made ready once for each version.
 *
 * @param shared its contract, or the target itself where nothing changes it
 */
export function routeOfShared(shared: object, target: Target, version: string): Route {
  let routes = sharedRoutes.get(shared);
  if (!routes || routes.size >= mostVersions) {
    routes = new Map();
    sharedRoutes.set(shared, routes);
  }
  let route = routes.get(version);
  if (!route) {
    route = routeOf({ ...target, version }, () => version);
    routes.set(version, route);
  }
  return route;
}

/**
 * @param versionFor which version's servers answer for the one that a target by type names, if any
 * @throws RpcError INVALID when any part of the target is not a legal token; and what `versionFor` throws
 */
export function routeOf(target: Target, versionFor: (serverType: string, named?: string) => string): Route {
  const named = typeof target.handler === 'string';
  const contract = typeof target.handler === 'string' ? undefined : target.handler;
  const handler = typeof target.handler === 'string' ? target.handler : target.handler.handler;
  const scope = contract?.scope ?? target.scope ?? 'server';
  if (scope !== 'server' && scope !== 'client') {
    throw invalid([{ field: 'scope', rule: 'expected "server" or "client"' }]);
  }
  if ('serverId' in target) {
    return routeById(target.serverId, handler, scope, named ? undefined : contract?.serverType);
  }
  const type = target.serverType ?? contract?.serverType;
  const serverType = checkName('serverType', type);
  if (target.all) {
    const version = target.version === undefined ? undefined : versionFor(serverType, target.version);
    const subject = subjects.all(scope, serverType, version, handler);
    return { subject, kind: 'all', serverType, version, handler, scope };
  }
  const version = versionFor(serverType, target.version);
  if (target.key !== undefined) {
    const subject = subjects.key(scope, serverType, version, target.key, handler);
    return { subject, kind: 'key', serverType, version, handler, scope };
  }
  if (contract?.keyed) {
    throw invalid([{ field: 'key', rule: `${serverType}.${handler} is keyed: its target needs a key` }]);
  }
  const subject = subjects.any(scope, serverType, version, handler);
  return { subject, kind: 'any', serverType, version, handler, scope };
}

function routeById(serverId: string, handler: string, scope: 'server' | 'client', type?: string): Route {
  if (isName('serverType', serverId)) {
    return {
      subject: subjects.all(scope, serverId, undefined, handler),
      kind: 'all',
      serverType: serverId,
      handler,
      scope,
    };
  }
  const subject = subjects.id(scope, serverId, handler);
  if (type !== undefined && !serverId.startsWith(`${type}-`)) {
    throw invalid([
      { field: 'serverId', rule: `${handler} is a handler of ${type}, which ${serverId} is not` },
    ]);
  }
  return { subject, kind: 'id', serverId, handler, scope };
}
