import type { StoredRelease } from '@ccgame/releases';
import type { ReleaseSession } from './session.js';

type Session = Pick<ReleaseSession, 'store' | 'target' | 'channel'>;

/**
 * Lets routes and jobs follow a table, and any newer one: of two operators at once the slower one would set them back. So would an older
 * one, as a replica of NATS that is behind shows it.
 */
export async function followNewest(
  { store, target, channel }: Session,
  stored: StoredRelease,
): Promise<void> {
  for (let followed = stored; ;) {
    await target.follow(followed.table);
    const newest = await store.readTable(channel);
    if (!newest || newest.revision <= followed.revision) return;
    followed = newest;
  }
}

/** The same after a change. @throws Error which says that the table has changed: the same command again would be another change */
export async function followChange(session: Session, stored: StoredRelease): Promise<void> {
  try {
    await followNewest(session, stored);
  } catch (error) {
    throw new Error(
      `${(error as Error).message}\nThe table has changed all the same (${stored.action}), and routes and jobs may not follow it yet: go on with "ccgame release follow".`,
      { cause: error },
    );
  }
}
