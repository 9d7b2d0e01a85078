import { type Explanation, explainView } from './arena-model.js';
import { outageMs, type RoomLine, type SeenOnce } from './room-line.js';
import { type PlayerTranscript, type RoomTranscript, type SentInput } from './transcript.js';
import type { Fault } from './verdict.js';

/** The ticks before a view from which it may have come. */
const furthestBase = 60;
/** A successor goes on from a state that was stored, which may be that of so much an earlier tick than was pushed. */
const furthestStored = 41;
/** Between the players' connectors, ms. */
const skewMs = 100;

/** Each state that was seen follows by the rules from one that was seen before. */
export function explainViews(room: RoomTranscript, line: RoomLine): { faults: Fault[]; loose: number } {
  const inputs = new Map(room.players.map((player) => [player.playerId, asApplied(player)]));
  // An owner that never stored a state had its inputs in other ticks than the answers say, which a successor gave.
  const unanswered = new Map(
    [...inputs].map(([playerId, sent]) => [playerId, sent.map(({ x, y }): SentInput => ({ x, y }))]),
  );
  const result = { faults: [] as Fault[], loose: 0 };
  let previous: SeenOnce | undefined;
  for (const one of [...line.seen].sort((a, b) => a.at - b.at)) {
    const bases = previous ? basesOf(one, previous, line) : [];
    let found = previous && explainFrom(bases, one, (playerId) => inputs.get(playerId));
    if (typeof found === 'object' && one.isDoubtful)
      found = explainFrom(bases, one, (playerId) => unanswered.get(playerId));
    if (found === 'loose') result.loose += 1;
    else if (found)
      result.faults.push({ kind: 'state not explained', what: `tick ${one.view.tick}: ${found.why}` });
    previous = one;
  }
  return result;
}

/** By their number in the room. One without an answer may have been applied: it takes the first number that no answer names. */
function asApplied({ inputs }: PlayerTranscript): SentInput[] {
  const named = new Map(inputs.map((input) => [input.answer?.inputs, input]));
  const unsure = inputs.filter(({ answer }) => !answer);
  return inputs.flatMap((_, place) => named.get(place + 1) ?? unsure.shift() ?? []);
}

/** By any of them; what the nearest one says where none explains it. */
function explainFrom(
  bases: SeenOnce[],
  { view }: SeenOnce,
  inputsOf: Parameters<typeof explainView>[2],
): Explanation {
  let best: Explanation = bases.length === 0 ? 'loose' : undefined;
  for (const base of bases) {
    const found = explainView(base.view, view, inputsOf);
    if (found === undefined) return undefined;
    if (best === undefined || found === 'loose') best = found;
  }
  return best;
}

/** The nearest tick's states. Where a successor begins, also those that its predecessor may have stored last. */
function basesOf({ view, at }: SeenOnce, previous: SeenOnce, { byTick, isExcused }: RoomLine): SeenOnce[] {
  const isBeginning = at - previous.at >= outageMs || view.tick <= previous.view.tick;
  const reach = isBeginning && isExcused(at) ? furthestStored : 1;
  const bases: SeenOnce[] = [];
  let nearest: number | undefined;
  for (let tick = view.tick - 1; tick >= Math.max(0, view.tick - furthestBase); tick -= 1) {
    if (nearest !== undefined && nearest - tick >= reach) break;
    const states = (byTick.get(tick) ?? []).filter((one) => one.at <= at + skewMs);
    if (states.length > 0) nearest ??= tick;
    bases.push(...states);
  }
  return bases;
}
