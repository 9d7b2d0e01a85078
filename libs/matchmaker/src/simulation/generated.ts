import type { Mode } from '../pool/rules/mode.js';
import type { Attributes } from '../pool/ticket.js';
import type { Arrival } from './arrivals.js';
import { type Options, UsageError } from './options.js';
import { Random } from './random.js';

const dayMs = 86_400_000;

/** Players as no recording has them: they come at random, with attributes as the mode declares them. @throws UsageError */
export function* generatedArrivals(mode: Mode, options: Options): Generator<Arrival> {
  const [, curve, rate] = /^(poisson|day):(\d+(?:\.\d+)?)\/s$/.exec(options.arrivals) ?? [];
  if (!rate) throw new UsageError(`--arrivals: ${options.arrivals} is no stream, such as poisson:50/s`);
  const random = new Random(options.seed);
  const perMs = Number(rate) / 1000 / meanParty(mode, options);
  const count = Number.isFinite(options.players) ? options.players : 10_000;
  let [atMs, players] = [0, 0];
  while (players < count) {
    // By thinning: at the peak's rate, of which the hour takes its share.
    atMs += random.exponential(perMs * peak);
    if (random.next() * peak > (curve === 'day' ? shareOfDay(atMs) : 1)) continue;
    const party = partySize(mode, options, random);
    players += party;
    yield arrivalOf(mode, options, random, { atMs: Math.round(atMs), party });
  }
}

const peak = 1.8;

/** The traffic of an hour, as a multiple of the day's mean: least at 5, most at 20 o'clock. */
function shareOfDay(atMs: number): number {
  const hour = ((atMs % dayMs) / dayMs) * 24;
  return (
    1 + 0.6 * Math.cos(((hour - 20) / 24) * 2 * Math.PI) + 0.2 * Math.cos(((hour - 20) / 12) * 2 * Math.PI)
  );
}

function partySize({ minParty = 1, maxParty }: Mode, { parties }: Options, random: Random): number {
  const smallest = Math.max(2, minParty);
  if (maxParty < 2 || (minParty === 1 && random.next() >= parties)) return minParty;
  return Math.min(maxParty, smallest + Math.floor(random.next() * (maxParty - smallest + 1)));
}

function meanParty({ minParty = 1, maxParty }: Mode, { parties }: Options): number {
  if (maxParty < 2) return 1;
  const ofParties = (Math.max(2, minParty) + maxParty) / 2;
  return minParty === 1 ? 1 - parties + parties * ofParties : ofParties;
}

function arrivalOf(
  mode: Mode,
  options: Options,
  random: Random,
  { atMs, party }: Pick<Arrival, 'atMs' | 'party'>,
): Arrival {
  const arrival: Arrival = { atMs, party, attributes: attributesFor(mode, options, random) };
  const roles = Object.keys(mode.roles?.perTeam ?? {});
  const isAble = (role: string): boolean => random.next() < (options.roles[role] ?? 1 / (roles.length + 1));
  if (roles.length > 0) arrival.roles = Array.from({ length: party }, () => roles.filter(isAble));
  const regions = Object.keys(mode.latency?.limitsMs ?? {});
  if (regions.length > 0) arrival.latencyMs = latenciesFor(regions, options, random);
  if (options.patienceMs !== undefined)
    arrival.leavesAtMs = Math.round(atMs + random.exponential(1 / options.patienceMs));
  return arrival;
}

function attributesFor({ attributes = {}, skill }: Mode, options: Options, random: Random): Attributes {
  const values = Object.entries(attributes).map(([name, rule]): [string, string | number] => {
    if (rule.type === 'enum')
      return [name, random.pick(rule.values.map((value) => [value, options.weights[value] ?? 1]))];
    if (rule.type === 'string') return [name, rule.default ?? ''];
    const { min, max } = rule;
    const { mean, deviation } = options.skill ?? { mean: (min + max) / 2, deviation: (max - min) / 6 };
    const value = name === skill?.attribute ? random.normal(mean, deviation) : random.between(min, max);
    const within = Math.min(max, Math.max(min, value));
    return [name, rule.integer ? Math.round(within) : within];
  });
  return Object.fromEntries(values);
}

/** As if the regions lay around the world in their order: 15 to 45 ms at home, 40 to 90 ms more for each one further. */
function latenciesFor(regions: string[], { weights }: Options, random: Random): Record<string, number> {
  const home = regions.indexOf(random.pick(regions.map((region) => [region, weights[region] ?? 1])));
  const latencies = regions.map((region, i): [string, number] => {
    const apart = Math.abs(i - home);
    const hops = Math.min(apart, regions.length - apart);
    return [region, Math.round(random.between(15, 45) + hops * random.between(40, 90))];
  });
  return Object.fromEntries(latencies);
}
