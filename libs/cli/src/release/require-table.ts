import { type StoredRelease, TableError } from '@ccgame/releases';
import type { ReleaseSession } from './session.js';

/** @throws TableError that says how to begin */
export async function requireTable({ store, channel }: ReleaseSession): Promise<StoredRelease> {
  const stored = await store.readTable(channel);
  if (!stored)
    throw new TableError([
      `The channel ${channel} has no release table yet; begin with "ccgame release init".`,
    ]);
  return stored;
}
