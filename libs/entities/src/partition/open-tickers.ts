import { Logger } from '@nestjs/common';
import type { InputApplier } from '../inputs/input-applier.js';
import type { LeaveReason } from '../live/leave-reason.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { MemberWatch } from '../rooms/member-watch.js';
import type { RoomAudience } from '../rooms/room-audience.js';
import { RoomTickers } from '../rooms/room-tickers.js';
import type { Flusher } from '../storage/flusher.js';
import type { OwnedContext } from './owned-context.js';

interface TickersContext extends Pick<OwnedContext, 'sessions' | 'views' | 'load' | 'now'> {
  flusher: Flusher;
  audience: RoomAudience;
  /** It starts and stops them, so it comes later. */
  inputs: () => InputApplier;
}

const log = new Logger('entities');

/** The rooms of a partition tick, and hear of their members: what comes of that is stored as their inputs are. */
export function openTickers({
  sessions,
  views,
  load,
  now,
  flusher,
  audience,
  inputs,
}: TickersContext): RoomTickers {
  const endMembership = (held: HeldEntity, playerId: string, why: LeaveReason): boolean => {
    const pending = inputs().endMembership(held, playerId, why);
    // A binding that stays leads nowhere, and goes by itself.
    pending?.stored
      .then(() => audience.noteMember(held, playerId))
      .catch((error: unknown) => log.warn({ event: 'room.unbind-failed', id: held.id, err: error }));
    return pending !== undefined;
  };
  const members = new MemberWatch(
    sessions,
    (one, change, playerId, session) => inputs().storeOwn(one, change, [playerId, session]),
    endMembership,
  );
  return new RoomTickers(
    {
      now,
      mayTick: (one) => flusher.isConfirmed && !one.isHeldBack,
      onView: (one) => views.pushTick(one),
      onOutput: (one) => inputs().storeOwn(one, 'tick'),
      onAlarm: (one) => inputs().ringAlarms(one),
      onOverdue: (one, playerId) => void endMembership(one, playerId, 'timeout'),
      onTick: (one, lateMs, tookMs) => load.noteTick(one, lateMs, tookMs),
      onFailed: (one, reason) => inputs().stopRoom(one, reason),
    },
    members,
  );
}
