import { expectedName, isName, isVersion } from '@ccgame/config';
import * as z from 'zod';

const version = z.string().refine(isVersion, { error: 'expected a version such as 1.0.0000' });
const word = z.string().refine((text) => isName('channel', text), `expected ${expectedName('channel')}`);
const playerId = z.string().min(1).max(128);
const valueOf = z.strictObject({ name: z.string().min(1).max(64), value: z.string().max(256) });

/** `deploying` is not offered to anybody yet, `draining` not any more, `retired` is gone. */
export const versionStates = ['deploying', 'live', 'draining', 'retired'] as const;
/** The state of a version in the table. */
export type VersionState = (typeof versionStates)[number];

const versionEntry = z.strictObject({
  state: z.enum(versionStates),
  /** Versions of one group share matches and may call each other; without a name they are in the common group. */
  group: word.optional(),
  /** The version that goes on with its entities, those that may move. */
  movesTo: version.optional(),
});

/** All conditions that are given must hold. An empty rule would fit everybody, and is refused. */
const rule = z
  .strictObject({
    header: valueOf.optional(),
    query: valueOf.optional(),
    cookie: valueOf.optional(),
    players: z.array(playerId).min(1).max(10_000).optional(),
    region: word.optional(),
    /** The client's build number, both ends included. */
    build: z.strictObject({ from: z.int().min(0), to: z.int().min(0) }).optional(),
  })
  .refine((conditions) => Object.values(conditions).some((condition) => condition !== undefined), {
    error: 'expected at least one condition',
  });

/** Hundredths of a percent: the grain of a weight. */
export const slotCount = 10_000;
const slot = z.int().min(0).max(slotCount);

const canary = z.strictObject({
  version,
  /** Tried in order, before the weight. */
  rules: z.array(rule).max(100).default([]),
  /** Percent of the players, 0 to 100, in steps of 0.01. */
  weight: z.number().min(0).max(100).default(0),
  /** The players that are that percentage: half-open ranges of slots, see `weights.ts`. */
  slots: z.array(z.tuple([slot, slot])).default([]),
});

/** The shape of a release table; `tableProblems` checks what a shape can't say. */
export const releaseTableSchema = z.strictObject({
  channel: word,
  /** The version of players that no rule gives another. */
  stable: version,
  versions: z.record(version, versionEntry),
  /** The first canary with a fitting rule wins. */
  canaries: z.array(canary).max(32).default([]),
  /** Per server type: for a version without servers of that type, the version whose servers answer instead. */
  fallbacks: z.record(word, z.record(version, version)).default({}),
  /** Mixed into the players' hash, so that not the same players meet every canary. */
  salt: z.string().min(1).max(64).default('0'),
});

/** Which versions of a channel live, and who gets which. */
export type ReleaseTable = z.infer<typeof releaseTableSchema>;
/** A version that some players get, by rules or by a weight. */
export type Canary = z.infer<typeof canary>;
/** Conditions on a client, all of which must hold. */
export type Rule = z.infer<typeof rule>;

/** One table as it was written: the KV bucket's history is the release history. */
export interface ReleaseRecord {
  table: ReleaseTable;
  /** `canary 1.0.0001 --weight 10` */
  action: string;
  who: string;
  why: string;
  /** Epoch milliseconds. */
  at: number;
}
