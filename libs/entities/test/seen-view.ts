import { applyChange } from '@ccgame/client';
import type { PushMessage, RoomChanged, RoomState } from '@ccgame/protocol';

export interface SeenView<S> {
  /** The view by now; undefined: nothing whole has come yet. */
  state?: S;
  /** Owners that were heard. */
  streams: number;
  /** Changes that did not come right after the one before. */
  missed: number;
}

/** A room's view as a client has it that reads docs/protocol.md and never asks again. */
export function viewFrom<S extends object>(pushes: readonly PushMessage[], room: string): SeenView<S> {
  const seen: SeenView<S> = { streams: 0, missed: 0 };
  let [stream, last] = ['', -1];
  for (const { route, data } of pushes) {
    const { room: from, ...place } = data as unknown as RoomState & RoomChanged;
    if (from !== room || !route.startsWith('room.')) continue;
    if (place.state) {
      if (place.stream !== stream) seen.streams += 1;
      seen.state = place.state as S;
      [stream, last] = [place.stream, place.n];
    } else if (place.change) {
      if (place.stream !== stream || place.n !== last + 1) seen.missed += 1;
      seen.state = applyChange(seen.state as S, place.change);
      [stream, last] = [place.stream, place.n];
    }
  }
  return seen;
}
