import { metrics } from './metrics.js';
import type { ReleaseTable } from './table.js';

/** A table that is in force now, in the metrics. Retired versions stay in the table for ever: a series of each would be too many in time. */
export function showTable({ stable, versions, canaries }: ReleaseTable): void {
  const roleOf = (version: string): string => {
    if (version === stable) return 'stable';
    return canaries.some((canary) => canary.version === version) ? 'canary' : 'none';
  };
  metrics.changes.inc();
  metrics.versions.reset();
  for (const [version, { state }] of Object.entries(versions)) {
    if (state === 'retired') continue;

    metrics.versions.set({ release_version: version, state, role: roleOf(version) }, 1);
  }
}
