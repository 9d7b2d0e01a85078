import { Logger } from '@nestjs/common';
import { showValue } from '@ccgame/config';
import { countHangs, haltHung, mostHangs } from '../hangs/halt-hung.js';
import type { HangMarks } from '../hangs/hang-marks.js';
import { replayInput, replayTicks } from '../live/replay.js';
import { metrics } from '../metrics.js';
import type { LogRecord } from '../live/records.js';
import type { HeldEntity } from './held-entity.js';
import type { PartitionImage } from '../storage/entity-store.js';
import { stateOf } from '../storage/measure-held.js';

const log = new Logger('entities');

/**
 * Brings back what the last owner had in memory: the rooms, and every entity that has inputs which its stored state doesn't
 * hold. These are played again, in their order.
 *
 * @param hangs an entity in which a server hung comes after the others
 * @param load an entity with its stored state; undefined: no class here has that name, or another version has the entity
 * @returns all that were loaded, in the order in which they are to go on
 */
export async function restorePartition(
  image: PartitionImage,
  hangs: Pick<HangMarks, 'read' | 'hangsOf'>,
  load: (key: string) => Promise<HeldEntity | undefined>,
): Promise<HeldEntity[]> {
  await hangs.read();
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
  const hung = new Map([...loaded].filter(([, held]) => countHangs(held, hangs) > 0));
  const others = new Map([...loaded].filter(([key]) => !hung.has(key)));
  // It hung once more, as it was played again: a room stays as it was stored last.
  for (const held of hung.values())
    if (held.isRoom && countHangs(held, hangs) > mostHangs) haltHung(held, hangs);
  for (const group of [others, hung]) for (const { record } of image.log) replayRecord(record, group);
  return [...others.values(), ...hung.values()];
}

function replayRecord({ inputs, after }: LogRecord, entities: ReadonlyMap<string, HeldEntity>): void {
  const replayed = new Set<HeldEntity>();
  for (const [key, input] of inputs) {
    const held = entities.get(key);
    if (!held || input.n <= held.live.n) continue;
    if (held.isStopped) {
      // No successor plays it either.
      held.live.n = input.n;
      continue;
    }
    replayInput(held.live, input);
    held.markDirty();
    replayed.add(held);
    metrics.replayed.inc();
  }
  for (const held of replayed) {
    const { tick = 0, sum } = after[held.key] ?? {};
    replayTicks(held.live, tick);
    held.time.beginAnew(held.live.time);
    noteOutcome(held, sum);
  }
}

/** A state that JSON can't hold keeps no other entity from going on: its room is stopped, and another entity goes back as it is stored. */
function noteOutcome(held: HeldEntity, expected: number | undefined): void {
  if (held.isRoom && expected === undefined) return;
  const state = stateOf(held);
  if (state === undefined) return;
  if (!held.isRoom) held.commitAs(held.live.snapshot(state).checkpoint);
  compareSums(held, state, expected);
}

/** The state goes on as it was replayed: told, and not hidden. */
function compareSums(held: HeldEntity, state: string, expected: number | undefined): void {
  if (expected === undefined || held.live.measure(state).sum === expected) return;
  const entity = held.kind.mark.contract.name;
  metrics.divergences.inc({ entity });
  log.error({ event: 'entity.diverged', entity, id: showValue(held.id), n: held.live.n });
}
