import { columns } from '../columns.js';
import { nowOfNats } from './now-of-nats.js';
import type { OperatorSession } from './operator-session.js';
import { durationText, type Findings, timeText } from './show.js';

/** Which orders are listed. */
export interface ListAuditOptions {
  /** Seconds back from now. */
  since: number;
  /** The newest so many. */
  limit: number;
}

/** Lists the orders of operators, oldest first. */
export async function listAudit(
  session: Pick<OperatorSession, 'audit' | 'nats'>,
  playerId: string | undefined,
  { since, limit }: ListAuditOptions,
): Promise<Findings> {
  const from = (await nowOfNats(session)) - since * 1_000;
  // One more says that there are more.
  const found = await session.audit.listLines({ playerId, from, limit: limit + 1 });
  const lines = found.slice(-limit);
  const hasMore = found.length > limit;
  const rows = lines.map(({ at, by, action, playerId: player, forSeconds, reason, failed }) => [
    timeText(at),
    by,
    action,
    player,
    forSeconds === undefined ? '' : durationText(forSeconds),
    failed === undefined ? reason : `${reason} (failed: ${failed})`,
  ]);
  const text = [columns([['when', 'who', 'what', 'player', 'for', 'why'], ...rows])];
  if (hasMore) text.push(`These are the newest ${limit}: --limit shows more.`);
  return { json: { lines, hasMore }, text };
}
