import { Logger } from '@nestjs/common';
import type { HeldEntity } from '../memory/held-entity.js';
import type { PendingInput } from '../storage/pending-input.js';

const log = new Logger('entities');
/** An input that couldn't be stored is still due. */
export const againMs = 30_000;

/** Tells of an alarm whose method threw, which is over all the same, and of one that is refused and comes again. */
export function noteAlarm(held: HeldEntity, method: string, { answer, stored }: PendingInput): void {
  const about = { entity: held.kind.mark.contract.name, id: held.id, alarm: method };
  if ('error' in answer) log.error({ event: 'entity.alarm-failed', ...about, code: answer.error.code });
  stored.catch((error: unknown) => {
    held.ringsAgainAt = performance.now() + againMs;
    log.warn({ event: 'entity.alarm-not-stored', ...about, err: error });
  });
}
