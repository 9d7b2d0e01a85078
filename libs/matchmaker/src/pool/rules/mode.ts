import { expectedName, isName } from '@ccgame/config';
import * as z from 'zod';

/** Half of a surrogate pair is no text: it can't be written as UTF-8, and a ticket with it could be put into no partition. */
const text = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .refine((given) => !/\p{Surrogate}|\p{Cc}/u.test(given), 'is no text');
/** The largest number of a mode and its tickets: sums and squares of such are numbers still, and not Infinity. */
export const largestNumber = 1e15;
/** Players of a team, and so of a party: a join may name as many. */
export const largestTeam = 100;
const number = z.number().min(-largestNumber).max(largestNumber);
const points = number.min(0);
const ms = z.number().int().min(0).max(86_400_000);
const token = z.string().refine((text) => isName('attribute', text), `is ${expectedName('attribute')}`);

/**
 * `server`: a player may not say it, see `ticket-attributes.ts`. Left out: a player may, so it is no more than a wish.
 */
const setBy = z.enum(['client', 'server']).optional();

/** An attribute that a ticket may carry. Without `default` and without `optional` it must be given. */
const attributeRule = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'),
    /** Characters; 64 when left out, never more than 256. */
    maxLength: z.number().int().min(1).max(256).optional(),
    default: z.literal('').or(text(256)).optional(),
    optional: z.boolean().optional(),
    setBy,
  }),
  z.strictObject({
    type: z.literal('enum'),
    values: z.array(text(64)).min(1).max(256),
    default: z.string().optional(),
    optional: z.boolean().optional(),
    setBy,
  }),
  z.strictObject({
    type: z.literal('number'),
    min: number,
    max: number,
    integer: z.boolean().optional(),
    default: number.optional(),
    optional: z.boolean().optional(),
    setBy,
  }),
]);

const skillWindow = z.strictObject({
  /** The number attribute that holds it: of a party the mean. Let a server set it where it matters. */
  attribute: token,
  /** How far apart two tickets may be at the beginning, in the game's own points. */
  start: points,
  /** Added for each second that the older one has waited. */
  perSecond: points,
  /** It grows no further than this; the longest wait lifts it all the same. */
  most: points.optional(),
});

const roleRule = z.strictObject({
  /** Players of a role that every team has, such as `{ healer: 1 }`; the other places are anybody's. */
  perTeam: z.record(token, z.number().int().min(1)),
  /** After this wait of the oldest a match does without. Left out: never, and a player who finds no healer waits. */
  untilMs: ms.optional(),
});

const latencyRule = z.strictObject({
  /** By region of game servers, what its players may have, ms. A match is placed where all of its tickets keep the limit. */
  limitsMs: z.record(token, z.number().positive().max(10_000)),
  /** Added to the limits for each second that the oldest ticket has waited. */
  perSecondMs: points.optional(),
});

const fewerRule = z.strictObject({
  /** From this wait of the oldest ticket on … */
  afterMs: ms,
  /** … a match may have as few teams as this (left out: all of them), … */
  teams: z.number().int().min(1).optional(),
  /**
   * … of as few players (left out: full teams). All teams of a match are of one size. One team of one is a player who waited long
   * enough to play alone, or with bots.
   */
  teamSize: z.number().int().min(1).optional(),
});

/** The shape of a mode, as a file or a store gives it; `checkMode` tells what is wrong with one. */
export const modeSchema = z.strictObject({
  name: z.string().refine((text) => isName('mode', text), `is ${expectedName('mode')}`),
  /** Teams of a match. */
  teams: z.number().int().min(1).max(100),
  /** Players of a team. */
  teamSize: z.number().int().min(1).max(largestTeam),
  /** Smaller matches after a wait. */
  fewer: fewerRule.optional(),
  /** The smallest party that may queue; 1 when left out. */
  minParty: z.number().int().min(1).optional(),
  /** The largest party that may queue together; never more than a team. */
  maxParty: z.number().int().min(1),
  /** The attributes that tickets have, by name. */
  attributes: z.record(token, attributeRule).optional(),
  /** Attributes in which all players of a match agree, such as the region: they split the mode into partitions. */
  hardKeys: z.array(token).max(8),
  /**
   * Versions of the game that play together: a ticket of a retired version is matched by another version only when the mode
   * has the same group there. Left out: all versions do.
   */
  versionGroup: text(32).optional(),
  /** Left out: skill doesn't matter. */
  skill: skillWindow.optional(),
  roles: roleRule.optional(),
  latency: latencyRule.optional(),
  /** From this wait on a ticket fits anyone whom the hard keys allow, whatever skill and latency say. Milliseconds. */
  longestWaitMs: ms.optional(),
  /** Whether a running match may ask for players. */
  backfill: z.boolean().optional(),
  /** Everybody has this long to accept a match. Left out: there is no ready-check. */
  readyCheckMs: ms.min(1000).optional(),
  /** How long a player may be without a connection before the ticket leaves; 30 s when left out. */
  disconnectGraceMs: ms.optional(),
  /** After this wait a ticket leaves the queue unmatched. Left out: never. */
  ticketExpiryMs: ms.min(1000).optional(),
});

/** How a mode makes matches. Declared in `modes.ts`, one object a mode; `checkMode` says what is wrong with one. */
export type Mode = z.infer<typeof modeSchema>;
/** The rule of one attribute of a mode. */
export type AttributeRule = z.infer<typeof attributeRule>;

/** How long a ticket outlives its player's connection, ms, where the mode doesn't say. */
export const defaultDisconnectGraceMs = 30_000;

/** Players of the smallest match that the mode makes after any wait. */
export function fewestPlayersOf({ teams, teamSize, fewer }: Mode): number {
  return (fewer?.teams ?? teams) * (fewer?.teamSize ?? teamSize);
}

/** Whether a team that is full to the last place may have a party of this size, beside others that may queue. */
export function fitsTeam({ teamSize, fewer, minParty = 1, maxParty }: Mode, party: number): boolean {
  const isFilled = (places: number): boolean => Math.ceil(places / maxParty) * minParty <= places;
  for (let size = Math.max(party, fewer?.teamSize ?? teamSize); size <= teamSize; size += 1)
    if (isFilled(size - party)) return true;
  return false;
}

/** Players of a full match. */
export function playersOf({ teams, teamSize }: Mode): number {
  return teams * teamSize;
}
