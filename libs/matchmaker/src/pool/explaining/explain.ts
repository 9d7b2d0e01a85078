import type { Explanation } from '../../contracts/explanation.js';
import { groupsAround, viewOf } from './census.js';
import type { Entry } from '../entry.js';
import { textOf } from './explain-text.js';
import { type PoolAhead, forecastFor } from './forecast.js';
import type { Rules } from '../rules/rules.js';
import type { Terms } from '../search/terms.js';

/** The part of a pool that an explanation is made from. */
export interface Waiting {
  rules: Rules;
  /** All, or the nearest of them. */
  others: readonly Entry[];
  position: number;
  waiting: number;
  backfills: number;
  /** A copy that may run ahead; none where too many wait. */
  ahead: PoolAhead | undefined;
}

/** Says why a ticket is not matched yet, step by step. Nothing is changed. */
export function* explainEntry(pool: Waiting, self: Entry, now: number): Generator<void, Explanation> {
  const { rules, others, position, waiting, backfills, ahead } = pool;
  const { mode } = rules;
  const view = viewOf(rules, self, others, now);
  yield;
  const groups = groupsAround(rules, view, others, now);
  yield;
  const forecast = ahead ? yield* forecastFor(ahead, self.ticket.ticketId, now) : undefined;
  const { terms, region, lack } = view;
  const isWindow = terms.reach < Infinity;
  const explanation: Explanation = {
    ticketId: self.ticket.ticketId,
    mode: mode.name,
    waitedMs: now - self.since,
    position,
    waiting,
    backfills,
    forecast: forecast ?? { kind: 'unknown' },
    window: isWindow ? { from: self.skill - terms.reach, to: self.skill + terms.reach } : null,
    ...(self.latency && { regions: regionsOf(rules, self.latency, terms) }),
    ...(region >= 0 && { region: rules.regions[region] }),
    changes: changesAfter(rules, now - self.since),
    groups,
    ...(lack.need && { need: lack.need }),
    text: [],
  };
  explanation.text = textOf(explanation, mode);
  return explanation;
}

function regionsOf(
  { regions, limits }: Rules,
  latency: readonly number[],
  { extraMs, isAnyone }: Terms,
): Explanation['regions'] {
  return regions.map((region, i) => {
    const limitMs = limits[i] + extraMs;
    return { region, latencyMs: latency[i], limitMs, isAccepted: isAnyone || latency[i] <= limitMs };
  });
}

function changesAfter({ mode }: Rules, waitedMs: number): Explanation['changes'] {
  const { fewer, roles, skill, latency, longestWaitMs } = mode;
  const all = [
    { change: 'smaller-matches', at: fewer?.afterMs },
    { change: 'without-roles', at: roles?.untilMs },
    { change: 'anyone', at: skill || latency ? longestWaitMs : undefined },
  ] as const;
  return all
    .flatMap(({ change, at = 0 }) => (at > waitedMs ? [{ change, inMs: at - waitedMs }] : []))
    .sort((a, b) => a.inMs - b.inMs);
}
