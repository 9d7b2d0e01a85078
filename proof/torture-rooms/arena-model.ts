import type { SeenDisc, SentInput, Spot, View } from './transcript.js';

// The arena's rules once more, from their description and not from their code: a field of 800 × 500 points, 20 ticks a second, a
// push of 900 points/s² where the disc is driven, friction of 2.2 of the speed a second, walls, and nine gems. All in whole hundredths.

const [width, height] = [800, 500];
const tickSeconds = 0.05;
const [push, friction] = [900, 2.2];
const [mostGems, gemRadius, gemMargin] = [9, 8, 20];
const [startRadius, radiusOfGem, largestRadius] = [16, 0.8, 40];
const botPace = 0.3;
const [ticksOfRound, ticksOfSecond] = [1_800, 20];
/** Between two ways to add up the same numbers, points. */
const tolerance = 1e-6;
/** How a disc's speed along an axis changes at a wall there, by the rule's name. */
const bounces = new Map([
  ['walls stop you', 0],
  ['walls throw you back', -1],
]);

/** Undefined: explained. `loose`: possible, but something that nobody saw decides. */
export type Explanation = undefined | 'loose' | { why: string };

/** Player's inputs, and by how many each was applied when, as the answers say. */
export type InputsOf = (playerId: string) => readonly SentInput[] | undefined;

interface Ball {
  disc: SeenDisc;
  sent?: readonly SentInput[];
  x: number;
  y: number;
  speed: Spot;
  steer: Spot;
  inputs: number;
  score: number;
}

/** Whether the rules lead from one view of a room to a later one. */
export function explainView(before: View, after: View, inputsOf: InputsOf): Explanation {
  const frame = wrongFrame(before, after);
  if (frame) return { why: frame };
  const balls = before.discs.map((disc): Ball => {
    const { x, y, speed, steer, inputs, score } = disc;
    return { disc, sent: inputsOf(disc.id), x, y, speed: { ...speed }, steer, inputs, score };
  });
  return after.tick === before.tick + 1
    ? explainStep(balls, before, after)
    : explainJump(balls, before, after);
}

/** The parts that don't change, or only with the tick. */
function wrongFrame(before: View, after: View): string | undefined {
  const left = Math.max(0, ticksOfRound - after.tick);
  if (after.tick <= before.tick) return 'its tick does not come later';
  if (!bounces.has(after.rule)) return `nobody knows the rule ${after.rule}`;
  if (after.secondsLeft !== Math.ceil(left / ticksOfSecond)) return `${after.secondsLeft} s left`;
  if (after.phase !== (left > 0 ? 'playing' : 'over')) return `it is ${after.phase}`;
  const same = after.discs.every((disc, place) => disc.id === before.discs[place]?.id);
  return same && after.discs.length === before.discs.length ? undefined : 'its discs are others';
}

function explainStep(balls: Ball[], before: View, after: View): Explanation {
  const fresh = mostGems - before.gems.length;
  const old = new Set(before.gems);
  // New gems come last; one that was eaten in its first tick was never seen.
  const kept = after.gems.filter((gem) => before.gems.some((one) => isSameSpot(one, gem)));
  const seenFresh = after.gems.slice(kept.length);
  const unseen = fresh - seenFresh.length;
  if (unseen < 0) return { why: `${seenFresh.length} new gems, not ${fresh}` };
  if (!seenFresh.every(isInField)) return { why: 'a gem outside of the field' };
  let eatenUnseen = 0;
  for (const [place, ball] of balls.entries()) {
    const seen = after.discs[place];
    const taken = takeInputs(ball, seen, undefined);
    if (taken) return { why: taken };
    if (seen.isBot) {
      // It may have gone for a gem that nobody saw.
      if (unseen === 0) ball.steer = steerOfBot(ball, [...old, ...seenFresh]);
      else ball.steer = seen.steer;
    }
    moveBall(ball, bounces.get(after.rule) ?? 0);
    const eaten = eatGems(ball, old);
    const wrong = wrongDisc(ball, seen);
    if (wrong) return { why: wrong };
    if (seenFresh.some((gem) => touchesBall(ball, gem)))
      return { why: `${seen.id} left a gem that it touches` };
    const more = seen.score - ball.score - eaten;
    if (more < 0) return { why: `${seen.id} has ${seen.score} gems, and ate ${eaten} to ${ball.score}` };
    eatenUnseen += more;
  }
  if (eatenUnseen !== unseen) return { why: `${eatenUnseen} gems eaten that were new, of ${unseen}` };
  return areSameSpots([...old], kept) ? undefined : { why: 'its gems are others' };
}

/** Over ticks that nobody saw: exact, as long as no disc ate a gem that nobody saw. */
function explainJump(balls: Ball[], before: View, after: View): Explanation {
  const old = new Set(before.gems);
  for (const [place, ball] of balls.entries()) {
    const seen = after.discs[place];
    if (seen.score < ball.score) return { why: `${seen.id} lost gems` };
    const due = (ball.sent ?? []).slice(ball.inputs, seen.inputs);
    const isKnown = due.every(
      ({ answer }) => answer && answer.tick >= before.tick && answer.tick < after.tick,
    );
    if (!isKnown || seen.isBot) return looseJump(balls, before, after);
  }
  for (let tick = before.tick; tick < after.tick; tick += 1) {
    for (const [place, ball] of balls.entries()) {
      takeInputs(ball, after.discs[place], tick);
      moveBall(ball, bounces.get(after.rule) ?? 0);
      ball.score += eatGems(ball, old);
    }
  }
  // Another rule from some tick on, or gems that nobody saw, and with each of them another radius.
  const hasEaten = after.discs.some(({ score }, place) => score !== before.discs[place].score);
  if (before.rule !== after.rule || hasEaten) return looseJump(balls, before, after);
  for (const [place, ball] of balls.entries()) {
    const wrong = wrongDisc(ball, after.discs[place]);
    if (wrong) return { why: wrong };
  }
  return undefined;
}

/** The rules that hold whatever happened between: inputs are the player's, and nobody is faster than a disc can be. */
function looseJump(balls: Ball[], before: View, after: View): Explanation {
  const most = ((push / friction) * (after.tick - before.tick)) / ticksOfSecond + largestRadius;
  for (const [place, { sent }] of balls.entries()) {
    const [was, is] = [before.discs[place], after.discs[place]];
    if (is.inputs < was.inputs) return { why: `${is.id} has ${is.inputs} inputs, after ${was.inputs}` };
    const last = is.inputs === 0 ? { x: 0, y: 0 } : sent?.[is.inputs - 1];
    if (!is.isBot && (!last || !isSameSpot(roundSpot(last), is.steer)))
      return { why: `${is.id} is driven elsewhere` };
    if (Math.abs(is.x - was.x) > most || Math.abs(is.y - was.y) > most) return { why: `${is.id} jumped` };
  }
  return 'loose';
}

/** @param tick only inputs that were applied after it; undefined: all that are seen @returns what is wrong */
function takeInputs(ball: Ball, seen: SeenDisc, tick: number | undefined): string | undefined {
  const { sent = [] } = ball;
  if (seen.inputs < ball.inputs) return `${seen.id} has ${seen.inputs} inputs, after ${ball.inputs}`;
  while (ball.inputs < seen.inputs) {
    const next = sent[ball.inputs];
    if (!next) return `${seen.id} has ${seen.inputs} inputs, and sent ${sent.length}`;
    if (tick !== undefined && next.answer?.tick !== tick) return undefined;
    ball.steer = roundSpot(next);
    ball.inputs += 1;
  }
  return undefined;
}

const roundNumber = (value: number): number => Math.round(value * 100) / 100;
const roundSpot = ({ x, y }: Spot): Spot => ({ x: roundNumber(x), y: roundNumber(y) });

function moveBall(ball: Ball, bounce: number): void {
  const radius = radiusAt(ball.score);
  ball.x = alongAxis(ball, 'x', width - radius, radius, bounce);
  ball.y = alongAxis(ball, 'y', height - radius, radius, bounce);
}

function alongAxis(ball: Ball, axis: 'x' | 'y', most: number, least: number, bounce: number): number {
  const faster = ball.speed[axis] + ball.steer[axis] * push * tickSeconds;
  ball.speed[axis] = roundNumber(faster * (1 - friction * tickSeconds));
  const to = roundNumber(ball[axis] + ball.speed[axis] * tickSeconds);
  if (to >= least && to <= most) return to;
  ball.speed[axis] *= bounce;
  return Math.min(most, Math.max(least, to));
}

/** @returns how many of them, which are no more */
function eatGems(ball: Ball, gems: Set<Spot>): number {
  const eaten = [...gems].filter((gem) => touchesBall(ball, gem));
  for (const gem of eaten) gems.delete(gem);
  return eaten.length;
}

function steerOfBot({ x, y }: Ball, gems: Spot[]): Spot {
  const distance = (gem: Spot): number => Math.hypot(gem.x - x, gem.y - y);
  let [nearest] = gems;
  for (const gem of gems) if (distance(gem) < distance(nearest)) nearest = gem;
  const far = Math.max(1, distance(nearest));
  return roundSpot({ x: (botPace * (nearest.x - x)) / far, y: (botPace * (nearest.y - y)) / far });
}

function wrongDisc({ x, y, speed, steer }: Ball, seen: SeenDisc): string | undefined {
  const expected = { x, y };
  if (!isSameSpot(steer, seen.steer)) return `${seen.id} is driven ${show(seen.steer)}, not ${show(steer)}`;
  if (!isSameSpot(expected, seen)) return `${seen.id} is at ${show(seen)}, not ${show(expected)}`;
  if (!isSameSpot(speed, seen.speed)) return `${seen.id} goes ${show(seen.speed)}, not ${show(speed)}`;
  return undefined;
}

const radiusAt = (score: number): number => Math.min(largestRadius, startRadius + radiusOfGem * score);

const touchesBall = ({ x, y, score }: Ball, gem: Spot): boolean =>
  Math.hypot(x - gem.x, y - gem.y) < radiusAt(score) + gemRadius;

const isInField = ({ x, y }: Spot): boolean =>
  x >= gemMargin && x <= width - gemMargin && y >= gemMargin && y <= height - gemMargin;

const isSameSpot = (one: Spot, other: Spot): boolean =>
  Math.abs(one.x - other.x) < tolerance && Math.abs(one.y - other.y) < tolerance;

const areSameSpots = (some: Spot[], others: Spot[]): boolean =>
  some.length === others.length && some.every((one, place) => isSameSpot(one, others[place]));

const show = ({ x, y }: Spot): string => `${x.toFixed(3)}, ${y.toFixed(3)}`;
