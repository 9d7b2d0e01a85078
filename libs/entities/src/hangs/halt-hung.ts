import { Logger } from '@nestjs/common';
import type { HeldEntity } from '../memory/held-entity.js';
import { metrics } from '../metrics.js';
import { stopRoom } from '../rooms/stop-room.js';
import type { HangMarks } from './hang-marks.js';
import { lifeOf } from './run-watched.js';

const log = new Logger('entities');

/** An entity in which so many servers hung goes on in none: one hang may have been the work of a moment that doesn't come again. */
export const mostHangs = 2;
/** An entity that has to live on, as a profile does, is not stopped for good, ms. */
const pausedForMs = 3_600_000;

/** How many servers hung in an entity's life. */
export function countHangs({ key, live }: HeldEntity, marks: Pick<HangMarks, 'countOf'>): number {
  return marks.countOf(key, lifeOf(live));
}

/** To be called when an entity has come into memory, before it goes on. */
export function haltHung(held: HeldEntity, marks: Pick<HangMarks, 'countOf'>): void {
  const servers = countHangs(held, marks);
  if (servers === 0 || held.isStopped) return;
  const { kind, id, isRoom, live } = held;
  const entity = kind.mark.contract.name;
  metrics.hung.inc({ entity });
  log.error({ event: 'entity.hung', entity, id, servers, isHalted: servers >= mostHangs });
  if (servers < mostHangs) return;
  if (isRoom && live.isBorn) stopRoom(held, `${servers} servers hung in it`);
  else held.pausedUntil = performance.now() + pausedForMs;
}
