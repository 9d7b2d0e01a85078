import type { ReleaseTable } from '@ccgame/releases';

/**
 * The version whose matching servers match a ticket of this version: its own, or that which the release table names in its
 * place; of a version that drains or is retired, the one that matches those of stable, where it is of the same group as stable.
 */
export function servingVersion(table: ReleaseTable | undefined, version: string): string {
  if (!table) return version;
  const standIn = (wanted: string): string => table.fallbacks.matching?.[wanted] ?? wanted;
  const target = standIn(version);
  const entry = table.versions[target];
  const isLeaving = entry?.state === 'draining' || entry?.state === 'retired';
  return isLeaving && entry.group === table.versions[table.stable]?.group ? standIn(table.stable) : target;
}
