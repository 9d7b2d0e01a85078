import { columns } from '../columns.js';
import { paint } from '../paint.js';
import { surveyServers } from '../release/survey.js';
import type { ServerInstance } from '../release/targets/target.js';
import type { OperatorSession } from './operator-session.js';
import type { Findings } from './show.js';

interface ListedServer {
  serverId: string;
  serverType: string;
  version: string;
  /** As the place where it runs says; `unknown` where that place knows nothing of it. */
  state: ServerInstance['state'] | 'unknown';
  isReady: boolean;
  /** The id of its process, where it runs on this machine. */
  pid?: number;
  /** It answers over NATS. */
  answers: boolean;
  commit?: string;
  requests?: number;
}

/** The servers that the place where they run knows, and those that answer over NATS. */
export async function listServers({ operator, target, without }: OperatorSession): Promise<Findings> {
  const [heard, { instances }] = await operator.unbroken(() =>
    Promise.all([surveyServers(operator.nats), target.servers()]),
  );
  const known = new Map(instances.map((one) => [one.serverId, one]));
  const ids = new Set([...known.keys(), ...heard.map(({ serverId }) => serverId)]);
  const servers = [...ids].sort().map((serverId): ListedServer => {
    const answer = heard.find((one) => one.serverId === serverId);
    const instance = known.get(serverId);
    const { serverType, version } = instance ?? answer ?? { serverType: '', version: '' };
    return {
      serverId,
      serverType,
      version,
      state: instance?.state ?? 'unknown',
      isReady: instance?.isReady ?? false,
      pid: instance?.pid,
      answers: answer !== undefined,
      commit: answer?.buildRevision,
      requests: answer?.requests,
    };
  });
  const silent = servers
    .filter(({ answers, state, serverId }) => !answers && state !== 'absent' && !without.includes(serverId))
    .map(({ serverId, serverType, version }) => ({ serverId, serverType, version, reason: 'TIMEOUT' }));
  const hasPids = servers.some(({ pid }) => pid !== undefined);
  const rows = servers.map(({ serverId, version, state, isReady, pid, answers, commit = '-', requests }) => [
    serverId,
    version,
    state,
    isReady ? paint('green', 'ready') : paint('yellow', 'not ready'),
    answers ? 'answers' : paint('red', 'silent'),
    commit.slice(0, 12),
    requests === undefined ? '?' : String(requests),
    ...(hasPids ? [String(pid ?? '-')] : []),
  ]);
  return {
    json: { servers },
    text: [
      columns([
        ['server', 'version', 'state', '', 'NATS', 'commit', 'calls', ...(hasPids ? ['pid'] : [])],
        ...rows,
      ]),
    ],
    silent,
  };
}
