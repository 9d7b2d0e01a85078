import { RpcError } from '@ccgame/rpc';
import type { WorkItem, WorkSource } from '@ccgame/server';
import { assertDowngrades, reasonOf } from '../live/change-state.js';
import type { EntityPartition } from '../partition/entity-partition.js';
import type { VersionCalls } from '../partition/entity-mover.js';
import type { EntityKind, HeldEntity } from '../memory/held-entity.js';

/** The entities of a server, of which its work left is counted. */
export interface EntityWorkContext {
  kinds: ReadonlyMap<string, EntityKind>;
  partitions: Iterable<EntityPartition>;
  /** The calls to other versions; those of any partition will do. */
  versions: VersionCalls;
}

/** Real ones that are tried, of a class and partition. */
const mostTried = 10;

/** The entities of a server, as work: a release waits for them, and asks before it moves any. */
export class EntityWork implements WorkSource {
  constructor(private readonly context: EntityWorkContext) {}

  listWork(): WorkItem[] {
    const all = [...this.context.partitions].flatMap((partition) => partition.busyEntities());
    const running = all.filter(({ isStopped }) => !isStopped);
    return [...this.context.kinds.values()].map(({ mark }) => {
      const own = running.filter(({ kind }) => kind.mark === mark);
      const longestMs = Math.round(Math.max(0, ...own.map(ageOf)));
      return {
        name: `${mark.contract.name} ${mark.tickHz ? 'rooms' : 'entities'}`,
        count: own.length,
        longestMs,
      };
    });
  }

  /** The declarations of both versions first, then real states: as they are stored, or as they would be given back. */
  async findLeftBehind(version: string): Promise<string[]> {
    const movable = [...this.context.kinds.values()].filter(({ mark }) => mark.onRelease === 'move');
    const declared = await Promise.all(movable.map((kind) => this.compareClasses(kind, version)));
    const problems = declared.flat();
    if (problems.length > 0) return problems;
    const tried = [...this.context.partitions].flatMap((partition) =>
      movable.flatMap(({ mark }) => {
        const own = partition.liveEntities().filter(({ kind }) => kind.mark === mark);
        return own.slice(0, mostTried).map((held) => tryMoving(partition, held, version));
      }),
    );
    return (await Promise.all(tried)).flat();
  }

  private async compareClasses(kind: EntityKind, version: string): Promise<string[]> {
    const { mark } = kind;
    const { name } = mark.contract;
    try {
      const there = await this.context.versions.tryTaking(version, `${name}.-`, mark.stateVersion);
      if (there < mark.stateVersion) assertDowngrades(await kind.construct(), there);
      return [];
    } catch (error) {
      return [`${version} does not take ${name}: ${reasonOf(error)}.`];
    }
  }
}

async function tryMoving(partition: EntityPartition, held: HeldEntity, version: string): Promise<string[]> {
  try {
    await partition.tryMoving(held, version);
    return [];
  } catch (error) {
    // It has gone meanwhile.
    if (error instanceof RpcError && error.code === 'MOVED') return [];
    return [`${version} does not take ${held.kind.mark.contract.name} ${held.id}: ${reasonOf(error)}.`];
  }
}

/** In ms: a room's own time, which stands still in a move. */
export function ageOf({ live, kind, loadedAt }: HeldEntity): number {
  const { tickHz } = kind.mark;
  return tickHz ? (live.tick * 1_000) / tickHz : performance.now() - loadedAt;
}
