import { Logger } from '@nestjs/common';
import { RpcError } from '@ccgame/rpc';
import type { LeftBehind, WorkItem, WorkSource } from '@ccgame/server';
import { assertDowngrades, reasonOf } from '../live/change-state.js';
import type { EntityPartition } from '../partition/entity-partition.js';
import type { VersionCalls } from '../partition/entity-mover.js';
import type { EntityKind, HeldEntity } from '../memory/held-entity.js';

const log = new Logger('entities');

/** The entities of a server, of which its work left is counted. */
export interface EntityWorkContext {
  kinds: ReadonlyMap<string, EntityKind>;
  partitions: Iterable<EntityPartition>;
  /** The calls to other versions; those of any partition will do. */
  versions: VersionCalls;
}

/** Real ones that are tried, of a class and partition: so many in memory, and so many that sleep. */
const mostTried = 10;
/** So many of those that sleep are looked at: others may be other versions'. */
const mostRead = 100;
/** No more that sleep are tried then, or read, but counted, ms: the operator's question is given up after 5 s. */
const sleepersForMs = 2_000;

/** A part of the entities of a class, as they were tried. */
interface Trial {
  problems: string[];
  tried: number;
  of: number;
}

/** The entities of a server, as work: a release waits for them, and asks before it moves any. */
export class EntityWork implements WorkSource {
  constructor(private readonly context: EntityWorkContext) {}

  listWork(): WorkItem[] {
    const all = [...this.context.partitions].flatMap((partition) => partition.busyEntities());
    const running = all.filter(({ isStopped }) => !isStopped);
    return [...this.context.kinds.values()].map((kind) => {
      const { mark } = kind;
      const own = running.filter((held) => held.kind.mark === mark);
      // Not by a call with all of them as arguments: Node takes some 120,000.
      const longestMs = Math.round(own.reduce((most, held) => Math.max(most, ageOf(held)), 0));
      return { name: titleOf(kind), count: own.length, longestMs };
    });
  }

  /**
   * The declarations of both versions first, then real states: as they are stored, or as they would be given back. Tried are a few of each class and
   * partition that are in memory, and a few that sleep, those first that were written longest ago.
   */
  async findLeftBehind(version: string): Promise<LeftBehind> {
    const movable = [...this.context.kinds.values()].filter(({ mark }) => mark.onRelease === 'move');
    const declared = await Promise.all(movable.map((kind) => this.compareClasses(kind, version)));
    const problems = declared.flat();
    if (problems.length > 0) return { problems };
    const endsAt = performance.now() + sleepersForMs;
    const partitions = [...this.context.partitions];
    const trials = await Promise.all(
      movable.map(async (kind) => {
        const awake = await Promise.all(partitions.map((one) => tryAwake(one, kind, version)));
        const { contract, tickHz } = kind.mark;
        // One after the other: what is read may be large.
        for (const [place, one] of partitions.entries())
          if (tickHz === undefined)
            await trySleepers(one, contract.name, { trial: awake[place], version, endsAt });
        return { name: titleOf(kind), ...addUp(awake) };
      }),
    );
    return {
      problems: trials.flatMap((one) => one.problems),
      tried: trials.filter(({ tried, of }) => tried < of).map(({ name, tried, of }) => ({ name, tried, of })),
    };
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

async function tryAwake(partition: EntityPartition, { mark }: EntityKind, version: string): Promise<Trial> {
  const own = partition.liveEntities().filter(({ kind }) => kind.mark === mark);
  const inMemory = own.slice(0, mostTried).map((held) => tryMoving(partition, held, version));
  return { problems: (await Promise.all(inMemory)).flat(), tried: inMemory.length, of: own.length };
}

/** Ends where another server has the partition by now, or the storage is away. */
async function trySleepers(
  partition: EntityPartition,
  name: string,
  { trial, version, endsAt }: { trial: Trial; version: string; endsAt: number },
): Promise<void> {
  try {
    const { found, count } = await partition.sampleKept(name, performance.now() > endsAt ? 1 : mostRead);
    trial.of = Math.max(trial.of, count);
    const own = found.filter((one) => one.version === partition.version);
    for (const { key } of own.slice(0, mostTried)) {
      if (performance.now() > endsAt) return;
      const held = await partition.loadAsleep(key);
      if (!held) continue;
      trial.problems.push(...(await tryMoving(partition, held, version)));
      trial.tried += 1;
    }
  } catch (error) {
    log.debug({ event: 'entity.sleepers-not-tried', entity: name, err: error });
  }
}

const addUp = (trials: readonly Trial[]): Trial => ({
  problems: trials.flatMap(({ problems }) => problems),
  tried: trials.reduce((sum, { tried }) => sum + tried, 0),
  of: trials.reduce((sum, { of }) => sum + of, 0),
});

const titleOf = ({ mark }: EntityKind): string =>
  `${mark.contract.name} ${mark.tickHz ? 'rooms' : 'entities'}`;

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
