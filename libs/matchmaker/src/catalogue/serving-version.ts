import type { ReleaseTable } from '@ccgame/releases';

/**
 * The version whose matching servers match a ticket of this version: its own, or that which the release table names in its
 * place; of a version that drains or is retired, stable, where both are of one group.
 */
export function servingVersion(table: ReleaseTable | undefined, version: string): string {
  if (!table) return version;
  const target = table.fallbacks.matching?.[version] ?? version;
  const entry = table.versions[target];
  const isLeaving = entry?.state === 'draining' || entry?.state === 'retired';
  return isLeaving && entry.group === table.versions[table.stable]?.group ? table.stable : target;
}
