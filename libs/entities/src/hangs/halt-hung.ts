import { Logger } from '@nestjs/common';
import type { HeldEntity } from '../memory/held-entity.js';
import { metrics } from '../metrics.js';
import { stopRoom } from '../rooms/stop-room.js';
import type { HangMarks } from './hang-marks.js';
import { lifeOf } from './run-watched.js';

const log = new Logger('entities');

/** An entity in which so many servers hung goes on in none: one hang may have been the work of a moment that doesn't come again. */
export const mostHangs = 2;

/** How many servers hung in an entity's life. */
export function countHangs({ key, live }: HeldEntity, marks: Pick<HangMarks, 'hangsOf'>): number {
  return marks.hangsOf(key, lifeOf(live)).length;
}

/** To be called when an entity has come into memory, before it goes on. */
export function haltHung(held: HeldEntity, marks: Pick<HangMarks, 'hangsOf'>): void {
  const { kind, id, isRoom, live } = held;
  const found = marks.hangsOf(held.key, lifeOf(live));
  const servers = found.length;
  if (servers === 0 || held.isStopped) return;
  const isHalted = servers >= mostHangs;
  const untold = found.filter(({ isTold }) => !isTold);
  // One that is paused comes into memory again and again.
  if (untold.length > 0) {
    const entity = kind.mark.contract.name;
    metrics.hung.inc({ entity });
    log.error({ event: 'entity.hung', entity, id, servers, what: found[0].what, isHalted });
    for (const hang of untold) hang.isTold = true;
  }
  if (!isHalted) return;
  if (isRoom && live.isBorn) stopRoom(held, `${servers} servers hung in it`);
  // One that has to live on, as a profile does, is not stopped for good.
  else held.pausedUntil = found[mostHangs - 1].until;
}
