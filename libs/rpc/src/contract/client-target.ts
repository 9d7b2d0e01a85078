import { RpcError } from '../errors.js';
import { checkName } from '../names/check-name.js';
import type { ServerTypeTarget } from './target.js';

/**
 * The target of a player's message: `matching.join` is the handler `join` of any server of the type `matching`, and it can
 * only be a handler for players. Nothing else can be said with a route.
 *
 * @throws RpcError INVALID
 */
export function clientTarget(route: string, version?: string): ServerTypeTarget<string> {
  const [serverType, handler, ...rest] = String(route).slice(0, 128).split('.');
  if (rest.length > 0 || handler === undefined) {
    throw new RpcError('INVALID', { details: { field: 'route', expected: '<server type>.<handler>' } });
  }
  return {
    scope: 'client',
    serverType: checkName('serverType', serverType),
    handler: checkName('handler', handler),
    ...(version === undefined ? {} : { version: checkName('version', version) }),
  };
}
