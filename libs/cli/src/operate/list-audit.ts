import { columns } from '../columns.js';
import { nowOfNats } from './now-of-nats.js';
import type { OperatorSession } from './operator-session.js';
import { durationText, type Findings, timeText } from './show.js';

/** Lists the orders of operators, oldest first. @param seconds back from now */
export async function listAudit(
  session: Pick<OperatorSession, 'audit' | 'nats'>,
  playerId: string | undefined,
  seconds: number,
): Promise<Findings> {
  const from = (await nowOfNats(session)) - seconds * 1_000;
  const lines = await session.audit.listLines({ playerId, from });
  const rows = lines.map(({ at, by, action, playerId: player, forSeconds, reason, failed }) => [
    timeText(at),
    by,
    action,
    player,
    forSeconds === undefined ? '' : durationText(forSeconds),
    failed === undefined ? reason : `${reason} (failed: ${failed})`,
  ]);
  return { json: { lines }, text: [columns([['when', 'who', 'what', 'player', 'for', 'why'], ...rows])] };
}
