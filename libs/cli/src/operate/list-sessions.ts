import { connectorHandlers } from '@ccgame/edge/operations';
import { columns } from '../columns.js';
import { askType } from './ask-servers.js';
import type { OperatorSession } from './operator-session.js';
import { atLeast, type Findings } from './show.js';

/** How many players are connected, by connector and the version of their sessions. */
export async function listSessions(session: OperatorSession): Promise<Findings> {
  const { answers, silent } = await askType(session, connectorHandlers.countSessions, undefined);
  const rows = answers
    .flatMap(({ server, data }) => data.versions.map((one) => ({ connector: server.serverId, ...one })))
    .sort((a, b) => `${a.connector} ${a.version}`.localeCompare(`${b.connector} ${b.version}`));
  const total = rows.reduce((sum, { sessions }) => sum + sessions, 0);
  return {
    json: { total, connectors: answers.length, sessions: rows },
    text: [
      columns([
        ['connector', 'version', 'sessions'],
        ...rows.map(({ connector, version, sessions }) => [connector, version, String(sessions)]),
      ]),
      `sessions: ${atLeast(total, silent)}, connectors: ${answers.length}`,
    ],
    silent,
  };
}
