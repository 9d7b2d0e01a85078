import type { OperatorRpc } from './operator-rpc.js';
import { surveyServers } from './survey.js';
import type { ReleaseTarget } from './targets/target.js';

interface Session {
  operator: OperatorRpc;
  target: ReleaseTarget;
  without: string[];
}

/**
 * A misspelt `--without` would leave nobody out. It is looked at once, before the work: a server that was named may go meanwhile.
 *
 * @throws Error that names the servers which are there
 */
export async function refuseUnknownServers({ operator, target, without }: Session): Promise<void> {
  if (without.length === 0) return;
  const [heard, { instances }] = await operator.unbroken(() =>
    Promise.all([surveyServers(operator.nats), target.servers()]),
  );
  const known = new Set([...heard, ...instances].map(({ serverId }) => serverId));
  const unknown = without.filter((serverId) => !known.has(serverId));
  if (unknown.length === 0) return;
  throw new Error(
    `--without names ${unknown.join(', ')}, and no such server is there. The servers are ${[...known].sort().join(', ')}.`,
  );
}
