import { type Spread, spreadOf } from './spread.js';
import type { Deed, RoomTranscript } from './transcript.js';

/** The longest time without a new state, after each deed: of each room, whoever saw it, and of each player. All ms. */
export interface DeedGaps {
  name: string;
  times: number;
  room: Spread;
  player: Spread;
}

export interface Gaps {
  gaps: DeedGaps[];
  /** Between two states that a player saw while nothing was done. */
  calm: Spread;
  /** From an input to its answer. */
  answers: Spread;
}

/** A deed is felt by then, ms after it. */
const feltMs = 4_000;

export function measureGaps(rooms: readonly RoomTranscript[], deeds: readonly Deed[]): Gaps {
  const names = [...new Set(deeds.map(({ name }) => name))];
  const gaps = names.map((name) => {
    const own = deeds.filter((deed) => deed.name === name);
    const room = own.flatMap((deed) =>
      rooms.flatMap((one) => longestIn(arrivalsOf(one), windowOf(deed, deeds))),
    );
    const player = own.flatMap((deed) =>
      rooms.flatMap(({ players }) =>
        players.flatMap(({ seen }) =>
          longestIn(
            seen.map(({ at }) => at),
            windowOf(deed, deeds),
          ),
        ),
      ),
    );
    return { name, times: own.length, room: spreadOf(room), player: spreadOf(player) };
  });
  const answers = rooms.flatMap(({ players }) =>
    players.flatMap(({ inputs }) => inputs.flatMap(({ answeredAfterMs }) => answeredAfterMs ?? [])),
  );
  return { gaps, calm: spreadOf(calmSteps(rooms, deeds)), answers: spreadOf(answers) };
}

/** From a deed's beginning until the next one's, but not for long. */
function windowOf(deed: Deed, deeds: readonly Deed[]): { from: number; to: number } {
  const next = Math.min(Infinity, ...deeds.map(({ at }) => at).filter((at) => at > deed.at));
  return { from: deed.at, to: Math.min(next, deed.until + feltMs) };
}

/** When a new state was seen first, by whichever player. */
function arrivalsOf({ players, views }: RoomTranscript): number[] {
  const first = views.map(() => Infinity);
  for (const { at, view } of players.flatMap(({ seen }) => seen)) first[view] = Math.min(first[view], at);
  return first.sort((one, other) => one - other);
}

/** A gap that begins so shortly before a window's end is the next deed's, ms. */
const belongsToNextMs = 200;

/** A gap that lasts beyond the window counts as a whole. Empty where nobody played meanwhile. */
function longestIn(arrivals: number[], { from, to }: { from: number; to: number }): number[] {
  const isOf = (begins: number, ends: number): boolean =>
    ends >= from && (ends <= to || begins <= to - belongsToNextMs);
  const gaps = arrivals
    .slice(1)
    .flatMap((at, place) => (isOf(arrivals[place], at) ? [at - arrivals[place]] : []));
  return gaps.length === 0 ? [] : [Math.max(...gaps)];
}

function calmSteps(rooms: readonly RoomTranscript[], deeds: readonly Deed[]): number[] {
  const firstAt = Math.min(Infinity, ...deeds.map(({ at }) => at));
  return rooms.flatMap(({ players }) =>
    players.flatMap(({ seen }) => {
      const calm = seen.filter(({ at }) => at < firstAt);
      return calm.slice(1).map(({ at }, place) => at - calm[place].at);
    }),
  );
}
