import { columns } from '../columns.js';
import type { OperatorSession } from './operator-session.js';
import { durationText, type Findings, timeText } from './show.js';

/** Lists the orders of operators, oldest first. @param seconds back from now */
export async function listAudit(
  { audit }: OperatorSession,
  playerId: string | undefined,
  seconds: number,
): Promise<Findings> {
  const lines = await audit.listLines({ playerId, from: Date.now() - seconds * 1_000 });
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
