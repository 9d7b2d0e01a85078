import { RpcError } from '@ccgame/rpc';
import type { EntityKind } from '../memory/held-entity.js';
import { metrics } from '../metrics.js';
import type { RoomLoad } from '../rooms/room-load.js';

/** Until an overloaded server is worth asking again, ms. */
const busyForMs = 2_000;

/** @throws RpcError BUSY for a room, where the server's ticks are late */
export function assertRoomForMore(kind: EntityKind | undefined, load: RoomLoad): void {
  if (!load.isOverloaded || kind?.mark.tickHz === undefined) return;
  metrics.refused.inc({ entity: kind.mark.contract.name });
  throw new RpcError('BUSY', { message: 'Its ticks are late', retryAfterMs: busyForMs });
}
