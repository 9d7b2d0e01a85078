import { Config } from '@ccgame/config';
import { EntitiesModule, EntityClient } from '@ccgame/entities';
import { AgonesAllocator, type MatchAllocator, type MatchmakerOptions } from '@ccgame/matchmaker';
import { ArenaAllocator } from '#arena/arena-allocator.js';

/**
 * Find game servers: a room for an arena, and Agones for all other modes where AGONES_ALLOCATOR_URL is set. Otherwise a match is told
 * without an `allocation`. The one place where a studio puts its own.
 */
export const allocators: Pick<MatchmakerOptions, 'allocators' | 'imports'> = {
  imports: [EntitiesModule.forCallers()],
  allocators: {
    inject: [EntityClient],
    useFactory: (entities: EntityClient): MatchAllocator[] => [
      new ArenaAllocator(entities),
      ...agonesAllocators(),
    ],
  },
};

function agonesAllocators(): MatchAllocator[] {
  const { AGONES_ALLOCATOR_URL: url, AGONES_NAMESPACE, AGONES_FLEET, AGONES_TLS_FOLDER } = Config;
  if (url === undefined) return [];
  const agones = new AgonesAllocator({
    url,
    namespace: AGONES_NAMESPACE,
    fleetOf: ({ mode }) => AGONES_FLEET ?? mode,
    tlsFolder: AGONES_TLS_FOLDER,
    patienceMs: Config.AGONES_PATIENCE_SECONDS * 1000,
  });
  return [agones];
}
