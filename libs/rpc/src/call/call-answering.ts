import { subjects } from '../wire/subjects.js';
import type { Route } from './route.js';
import type { RpcClient } from './rpc-client.js';
import { isUnbegun } from './until-served.js';

/**
 * Calls a server of the type and version that says now that it is there; any of them where none says so.
 *
 * @throws RpcError as `RpcService.doRPC`
 */
export async function callAnswering(
  client: RpcClient,
  route: Route,
  data: unknown,
  timeoutMs: number,
): Promise<unknown> {
  const endsAt = performance.now() + timeoutMs;
  const callAny = (): Promise<unknown> => client.sendCall(route, data, endsAt - performance.now());
  const serverId = await client.servers.oneAnswering(route);
  if (serverId === undefined) return callAny();
  // Still a call that any may take: what this one refuses goes to a sibling.
  const to = { ...route, subject: subjects.id(route.scope, serverId, route.handler) };
  return client.sendCall(to, data, endsAt - performance.now()).catch((error: unknown) => {
    // It is stopping, and says that it is there until it has ended.
    if (!isUnbegun(error)) throw error;
    return callAny();
  });
}
