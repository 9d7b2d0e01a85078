import { EntityErrors } from '../errors.js';
import { memberBytes, type SeatRequest } from '../live/members.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { EntityRequest } from './entity-request.js';

/** Bytes of a room with its members and seats: with the pushes that wait to be sent it has to fit into one message. */
const mostRoomBytes = 560 * 1024;

/**
 * A room without a capacity, or with a large one, takes as many as can be stored: one that grew beyond that would be stopped for all.
 *
 * @throws RpcError ROOM_FULL
 */
export function assertPlacesFit(
  held: Pick<HeldEntity, 'live' | 'expectedBytes'>,
  { builtIn, payload }: Pick<EntityRequest, 'builtIn' | 'payload'>,
): void {
  if (builtIn !== 'join' && builtIn !== 'reserve') return;
  const { members } = held.live;
  const added = newcomersIn(builtIn, payload as string)
    .filter((playerId) => !members.hasPlace(playerId))
    .reduce((sum, playerId) => sum + memberBytes(playerId), 0);
  if (added === 0) return;
  const bytes = held.expectedBytes + added;
  if (bytes > mostRoomBytes) throw EntityErrors.ROOM_FULL({ details: { bytes, limit: mostRoomBytes } });
}

function newcomersIn(builtIn: 'join' | 'reserve', payload: string): string[] {
  if (builtIn === 'join') return [payload];
  const { players, forMs } = JSON.parse(payload) as SeatRequest;
  return forMs > 0 ? players : [];
}
