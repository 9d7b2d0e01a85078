import type { TicketRecord } from '../contracts/matches.js';
import type { ReleaseTable } from '@ccgame/releases';

/** The version in whose queue a ticket waits. */
export function queueOf({ version, movedTo }: TicketRecord): string {
  return movedTo ?? version;
}

/**
 * The version in whose queue a ticket is to wait when its leader's session has this version: a ticket goes where its leader
 * goes, as those who join later do, so that it doesn't wait where nobody comes any more.
 *
 * @returns undefined: the session went on in a version of another group, whose players it can't meet
 */
export function queueFor(
  ticket: TicketRecord,
  sessionVersion: string | undefined,
  table: ReleaseTable | undefined,
): string | undefined {
  const queue = queueOf(ticket);
  const next = table?.versions[sessionVersion ?? ''];
  if (sessionVersion === undefined || !next || ticket.isNamed) return queue;
  return next.group === table?.versions[queue]?.group ? sessionVersion : undefined;
}
