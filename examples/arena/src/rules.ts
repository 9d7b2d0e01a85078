/**
 * The game's rules, without anything of a server: positions in points of the field, speeds in points a second. All of them are whole
 * hundredths, which nobody sees and which makes short numbers of what is stored and sent.
 */
export interface Point {
  x: number;
  y: number;
}

/** One player's disc, or that of a bot. */
export interface Disc extends Point {
  id: string;
  isBot: boolean;
  score: number;
  /** Where it is driven, -1 to 1 each. */
  steer: Point;
  speed: Point;
  /** The player's inputs that were applied. */
  inputs: number;
}

/** The size of the field, and how many play in it for how long. */
export const field = { width: 800, height: 500, seats: 4, gems: 9, roundMs: 90_000 };
const [acceleration, friction, gemRadius] = [900, 2.2, 8];
/** As a share of a player's speed, so that a player can win. */
const botSpeed = 0.3;

const inHundredths = (value: number): number => Math.round(value * 100) / 100;

/** A disc grows with its gems. */
export const radiusOf = ({ score }: Disc): number => Math.min(40, 16 + 0.8 * score);

/** The part of these rules that a player sees at one glance. */
export const rule = 'walls stop you';

/** At a wall. */
function meetWall(disc: Disc, axis: 'x' | 'y', most: number): void {
  const radius = radiusOf(disc);
  if (disc[axis] >= radius && disc[axis] <= most - radius) return;
  disc[axis] = inHundredths(Math.min(most - radius, Math.max(radius, disc[axis])));
  disc.speed[axis] = 0;
}

/** @param seconds since the last tick */
export function moveDisc(disc: Disc, seconds: number): void {
  for (const axis of ['x', 'y'] as const) {
    disc.speed[axis] += disc.steer[axis] * acceleration * seconds;
    disc.speed[axis] *= Math.max(0, 1 - friction * seconds);
    disc.speed[axis] = inHundredths(disc.speed[axis]);
    disc[axis] = inHundredths(disc[axis] + disc.speed[axis] * seconds);
  }
  meetWall(disc, 'x', field.width);
  meetWall(disc, 'y', field.height);
}

/** From a player. */
export function steerDisc(disc: Disc, { x, y }: Point): void {
  disc.steer = { x: inHundredths(x), y: inHundredths(y) };
  disc.inputs += 1;
}

/** Whether a disc reaches a gem, and so collects it. */
export function touches(disc: Disc, gem: Point): boolean {
  return Math.hypot(disc.x - gem.x, disc.y - gem.y) < radiusOf(disc) + gemRadius;
}

/** A bot goes for the nearest gem. */
export function driveBot(disc: Disc, gems: Point[]): void {
  const far = (gem: Point): number => Math.hypot(gem.x - disc.x, gem.y - disc.y);
  const [nearest] = [...gems].sort((a, b) => far(a) - far(b));
  if (!nearest) return;
  const length = Math.max(1, far(nearest));
  disc.steer = {
    x: inHundredths((botSpeed * (nearest.x - disc.x)) / length),
    y: inHundredths((botSpeed * (nearest.y - disc.y)) / length),
  };
}

/** @param random as `Math.random` */
export function placeGem(random: () => number): Point {
  const [x, y] = [20 + random() * (field.width - 40), 20 + random() * (field.height - 40)];
  return { x: inHundredths(x), y: inHundredths(y) };
}

/** The discs of a new round: each in its corner, those without a player as bots. */
export function placeDiscs(players: string[]): Disc[] {
  return Array.from({ length: field.seats }, (_, seat) => ({
    id: players[seat] ?? `bot-${seat + 1}`,
    isBot: players[seat] === undefined,
    x: field.width * (seat % 2 === 0 ? 0.15 : 0.85),
    y: field.height * (seat < 2 ? 0.2 : 0.8),
    score: 0,
    steer: { x: 0, y: 0 },
    speed: { x: 0, y: 0 },
    inputs: 0,
  }));
}
