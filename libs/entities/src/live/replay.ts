import type { LiveEntity } from './live-entity.js';
import type { StoredInput } from './records.js';

/** Brings a room to the tick after which an input came, then applies that. */
export function replayInput(live: LiveEntity, input: StoredInput): void {
  if (!live.isBorn && input.b !== 'create' && input.b !== 'arrived') return;
  replayTicks(live, input.k ?? 0, input.at);
  live.apply(input);
}

/** A tick that throws did so before, too. @param at when the last one was, epoch ms: one that gave something was stored at once */
export function replayTicks(live: LiveEntity, upTo: number, at?: number): void {
  while (live.mark.tickHz && live.isBorn && live.tick < upTo) {
    try {
      live.runTick(at);
    } catch {
      continue;
    }
  }
}
