import type { Deed, RoomTranscript, View } from './transcript.js';
import type { Fault } from './verdict.js';

/** A sudden end of an owner is felt by then, ms after the deed. */
const feltWithinMs = 6_000;
/** A successor goes on at most so many ticks before the last one that was pushed: an owner ticks 1.5 s without its storage. */
const mostRewound = 40;
/** How long before an outage the views of a room may be of an owner that never stored them, ms. */
const doubtfulMs = 2_000;
/** Nothing new from a room for so long is an outage, ms. */
export const outageMs = 200;

/** Until when sudden ends of owners may excuse what players see. The next planned deed has to wait for that, or its own faults are excused. */
export function excusedUntil(deeds: readonly Deed[]): number {
  return Math.max(-Infinity, ...deeds.flatMap((deed) => (deed.isSudden ? [deed.until + feltWithinMs] : [])));
}

export interface SeenOnce {
  view: View;
  /** When it was seen first, by whichever player. */
  at: number;
  /** It may be of an owner whose last ticks were not stored. */
  isDoubtful: boolean;
}

/** The states that a room's players saw together. */
export interface RoomLine {
  seen: SeenOnce[];
  /** By tick, in the order in which they came: more than one, where a tick was done again. */
  byTick: Map<number, SeenOnce[]>;
  faults: Fault[];
  rewinds: number;
  longestRewind: number;
  redone: number;
  /** Whether an owner was ended suddenly shortly before. */
  isExcused: (at: number) => boolean;
}

export function findLine(room: RoomTranscript, deeds: readonly Deed[]): RoomLine {
  const sudden = deeds.filter(({ isSudden }) => isSudden);
  const causesOf = (at: number): Deed[] =>
    sudden.filter((deed) => at >= deed.at && at <= deed.until + feltWithinMs);
  const seen = firstSeen(room);
  const byTick = new Map<number, SeenOnce[]>();
  for (const one of [...seen].sort((a, b) => a.at - b.at)) {
    byTick.set(one.view.tick, [...(byTick.get(one.view.tick) ?? []), one]);
  }
  markDoubtful(seen, (at) => causesOf(at).length > 0);
  const rewinds = room.players.map((player) => findRewinds(room, player, causesOf));
  const repeats = [...byTick].map(([tick, states]) => judgeRepeats(tick, states, causesOf));
  return {
    seen,
    byTick,
    faults: [...rewinds, ...repeats].flatMap(({ faults }) => faults),
    rewinds: rewinds.reduce((sum, { count }) => sum + count, 0),
    longestRewind: Math.max(0, ...rewinds.map(({ longest }) => longest)),
    redone: [...byTick.values()].reduce((sum, states) => sum + states.length - 1, 0),
    isExcused: (at) => causesOf(at).length > 0,
  };
}

function firstSeen({ views, players }: RoomTranscript): SeenOnce[] {
  const seen = views.map((view): SeenOnce => ({ view, at: Infinity, isDoubtful: false }));
  for (const { at, view } of players.flatMap((player) => player.seen))
    seen[view].at = Math.min(seen[view].at, at);
  return seen.filter(({ at }) => at < Infinity);
}

function markDoubtful(seen: SeenOnce[], isExcused: (at: number) => boolean): void {
  const inOrder = [...seen].sort((one, other) => one.at - other.at);
  for (const [place, { at, view }] of inOrder.entries()) {
    const before = inOrder[place - 1];
    if (!before || !isExcused(at)) continue;
    const isAfterOutage = at - before.at >= outageMs;
    // A successor went back: it knew nothing of the ticks that it does again.
    const from = isAfterOutage ? 0 : view.tick;
    if (!isAfterOutage && before.view.tick < view.tick) continue;
    for (let back = place - 1; back >= 0 && inOrder[back].at > before.at - doubtfulMs; back -= 1) {
      if (inOrder[back].view.tick >= from) inOrder[back].isDoubtful = true;
    }
  }
}

interface Rewinds {
  count: number;
  longest: number;
  faults: Fault[];
}

/** A player's ticks go back at most once for each sudden end of an owner, and not far. */
function findRewinds(
  { views }: RoomTranscript,
  { playerId, seen }: RoomTranscript['players'][number],
  causesOf: (at: number) => Deed[],
): Rewinds {
  const found: Rewinds = { count: 0, longest: 0, faults: [] };
  const used = new Set<Deed>();
  let last = -1;
  for (const { at, view } of seen) {
    const { tick } = views[view];
    if (tick <= last) {
      const back = last - tick + 1;
      const cause = causesOf(at).find((deed) => !used.has(deed));
      if (cause && back <= mostRewound) {
        used.add(cause);
        found.count += 1;
        found.longest = Math.max(found.longest, back);
      } else {
        const what = `${playerId} saw tick ${tick} after ${last}, at ${Math.round(at)} ms`;
        found.faults.push({ kind: 'tick done twice', what });
      }
    }
    last = tick;
  }
  return found;
}

/** Two players may not see two states of one tick, but where an owner was ended suddenly between them. */
function judgeRepeats(
  tick: number,
  states: SeenOnce[],
  causesOf: (at: number) => Deed[],
): Pick<Rewinds, 'faults'> {
  const used = new Set<Deed>();
  const faults = states.slice(1).flatMap(({ at }): Fault[] => {
    const cause = causesOf(at).find((deed) => !used.has(deed));
    if (!cause) return [{ kind: 'tick done twice', what: `two states of tick ${tick}` }];
    used.add(cause);
    return [];
  });
  return { faults };
}
