import fc from 'fast-check';
import { checkMode } from '../rules/check-mode.js';
import type { Mode } from '../rules/mode.js';
import type { Ticket } from '../ticket.js';

export const regions = ['eu', 'us'];

/** Small modes with every rule on or off, so that a handful of tickets meets all of them. */
export const anyMode: fc.Arbitrary<Mode> = fc
  .record({
    teams: fc.integer({ min: 1, max: 3 }),
    teamSize: fc.integer({ min: 1, max: 3 }),
    party: fc.integer({ min: 1, max: 3 }),
    hasSkill: fc.boolean(),
    perSecond: fc.constantFrom(0, 7, 10),
    most: fc.constantFrom(undefined, 120),
    roles: fc.constantFrom<Mode['roles']>(
      undefined,
      { perTeam: { tank: 1 } },
      { perTeam: { tank: 1, healer: 1 }, untilMs: 8000 },
    ),
    latency: fc.constantFrom<Mode['latency']>(undefined, { limitsMs: { eu: 50, us: 70 }, perSecondMs: 3 }),
    fewer: fc.constantFrom<Mode['fewer']>(
      undefined,
      { afterMs: 5000, teamSize: 2 },
      { afterMs: 6000, teams: 1 },
    ),
  })
  .map(({ party, hasSkill, perSecond, most, roles, latency, fewer, ...size }): Mode => {
    const mode: Mode = {
      name: 'any',
      maxParty: Math.min(party, size.teamSize),
      hardKeys: [],
      backfill: true,
      ...size,
    };
    if (hasSkill) {
      mode.attributes = { skill: { type: 'number', min: 0, max: 400 } };
      mode.skill = { attribute: 'skill', start: 30, perSecond, ...(most !== undefined && { most }) };
    }
    if (hasSkill || latency) mode.longestWaitMs = 12_000;
    if (roles) mode.roles = roles;
    if (latency) mode.latency = latency;
    if (fewer) mode.fewer = fewer;
    return mode;
  })
  .filter((mode) => checkMode(mode).length === 0);

/** Something that happens in a queue; a step of time goes by first. */
export interface Event {
  afterMs: number;
  kind: 'join' | 'leave' | 'backfill';
  skill: number;
  party: number;
  roles: string[][];
  latencyMs: Record<string, number>;
  which: number;
}

export const anyEvent: fc.Arbitrary<Event> = fc.record({
  afterMs: fc.constantFrom(0, 0, 100, 250, 900, 4000),
  kind: fc.constantFrom('join', 'join', 'join', 'join', 'leave', 'backfill'),
  skill: fc.integer({ min: 0, max: 400 }),
  party: fc.constantFrom(1, 1, 1, 2, 3),
  roles: fc.array(fc.subarray(['tank', 'healer']), { minLength: 3, maxLength: 3 }),
  latencyMs: fc.record({ eu: fc.integer({ min: 20, max: 110 }), us: fc.integer({ min: 20, max: 110 }) }),
  which: fc.nat(),
});

/** The ticket that an event brings to a mode. */
export function ticketOf(mode: Mode, event: Event, id: number, since: number): Ticket {
  const size = Math.min(event.party, mode.maxParty);
  return {
    ticketId: `t${String(id).padStart(4, '0')}`,
    players: Array.from({ length: size }, (_, i) => `p${id}-${i}`),
    skill: mode.skill ? event.skill : 0,
    since,
    roles: event.roles.slice(0, size),
    latencyMs: event.latencyMs,
  };
}
