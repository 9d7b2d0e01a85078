import { firstTable, type StoredRelease, TableError } from '#releases';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

export async function initChannel(session: ReleaseSession, stable: string): Promise<void> {
  const { table } = await session.store.init(
    firstTable(session.channel, stable),
    session.note(`init ${stable}`),
  );
  await session.target.follow(table);
  await printStatus(session);
}

/** @throws TableError that says how to begin */
export async function requireTable({ store, channel }: ReleaseSession): Promise<StoredRelease> {
  const stored = await store.read(channel);
  if (!stored)
    throw new TableError([
      `The channel ${channel} has no release table yet; begin with "ccgame release init".`,
    ]);
  return stored;
}
