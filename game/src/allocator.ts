import { Config } from '@ccgame/config';
import { AgonesAllocator } from '@ccgame/matchmaker';
import type { MatchAllocator } from '@ccgame/matchmaker';

/**
 * Finds game servers: by Agones where AGONES_ALLOCATOR_URL is set, otherwise not at all, and a match is told without an
 * `allocation`. The one place where a studio puts its own.
 */
export function createAllocator(): MatchAllocator | undefined {
  const { AGONES_ALLOCATOR_URL: url, AGONES_NAMESPACE, AGONES_FLEET, AGONES_TLS_FOLDER } = Config;
  if (url === undefined) return undefined;
  return new AgonesAllocator({
    url,
    namespace: AGONES_NAMESPACE,
    fleetOf: ({ mode }) => AGONES_FLEET ?? mode,
    tlsFolder: AGONES_TLS_FOLDER,
    patienceMs: Config.AGONES_PATIENCE_SECONDS * 1000,
  });
}
