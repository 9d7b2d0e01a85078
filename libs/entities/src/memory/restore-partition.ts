import { Logger } from '@nestjs/common';
import { showValue } from '@ccgame/config';
import { replayInput, replayTicks } from '../live/replay.js';
import { metrics } from '../metrics.js';
import type { LogRecord } from '../live/records.js';
import type { HeldEntity } from './held-entity.js';
import type { PartitionImage } from '../storage/entity-store.js';

const log = new Logger('entities');

/**
 * Brings back what the last owner had in memory: the rooms, and every entity that has inputs which its stored state doesn't
 * hold. These are played again, in their order.
 *
 * @param load an entity with its stored state; undefined: no class here has that name, or another version has the entity
 */
export async function restorePartition(
  image: PartitionImage,
  load: (key: string) => Promise<HeldEntity | undefined>,
): Promise<void> {
  const keys = new Set([
    ...image.states.keys(),
    ...image.log.flatMap(({ record }) => record.inputs.map(([key]) => key)),
  ]);
  const loaded = new Map<string, HeldEntity>();
  await Promise.all(
    [...keys].map(async (key) => {
      const held = await load(key);
      if (held) loaded.set(key, held);
    }),
  );
  for (const { record } of image.log) replayRecord(record, loaded);
}

function replayRecord({ inputs, after }: LogRecord, entities: ReadonlyMap<string, HeldEntity>): void {
  const replayed = new Set<HeldEntity>();
  for (const [key, input] of inputs) {
    const held = entities.get(key);
    if (!held || input.n <= held.live.n) continue;
    replayInput(held.live, input);
    held.markDirty();
    replayed.add(held);
    metrics.replayed.inc();
  }
  for (const held of replayed) {
    const { tick = 0, sum } = after[held.key] ?? {};
    replayTicks(held.live, tick);
    if (!held.isRoom) held.commitAs(held.live.snapshot().checkpoint);
    compareSums(held, sum);
  }
}

/** The state goes on as it was replayed: told, and not hidden. */
function compareSums(held: HeldEntity, expected: number | undefined): void {
  if (expected === undefined || held.live.measure().sum === expected) return;
  const entity = held.kind.mark.contract.name;
  metrics.divergences.inc({ entity });
  log.error({ event: 'entity.diverged', entity, id: showValue(held.id), n: held.live.n });
}
