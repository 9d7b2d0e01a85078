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

/**
 * The version whose matching servers look after what is left of a version: those that match its tickets. Where these are gone for good and stable is
 * of another group, those of stable: they can't match such tickets, but end what waits for nobody.
 */
export function keepingVersion(table: ReleaseTable | undefined, version: string): string {
  const serving = servingVersion(table, version);
  return table?.versions[serving]?.state === 'retired' ? servingVersion(table, table.stable) : serving;
}
