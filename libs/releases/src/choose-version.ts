import { GameErrors } from '@ccgame/protocol';
import type { ReleaseTable, Rule } from './table.js';
import { hasSlot, slotOf } from './weights.js';

/** The facts that are known of a client when its version is chosen. */
export interface ClientFacts {
  playerId?: string;
  /** The version that the client itself names. */
  requested?: string;
  headers?: Record<string, string | string[] | undefined>;
  query?: Record<string, unknown>;
  cookies?: Record<string, string | undefined>;
  region?: string;
  /** The client's build number. */
  build?: number;
  /** The client goes on with a session of the requested version: that is allowed while the version drains. */
  isResume?: boolean;
}

/** The version that a player gets, and why. */
export interface ChosenVersion {
  version: string;
  because: 'requested' | 'rule' | 'weight' | 'stable';
}

/**
 * Chooses the version for a client: the one that it names, if the table lets it; else the first canary with a rule that
 * fits; else the canary whose share its player is in; else stable.
 *
 * The name may be no version at all where a rule is about it: `--header Version=beta`.
 *
 * @throws RpcError VERSION_GONE when the client names one that is not served; its details say which to `use`.
 */
export function chooseVersion(table: ReleaseTable, client: ClientFacts): ChosenVersion {
  if (client.requested === undefined) return byTable(table, client);
  const state = table.versions[client.requested]?.state;
  if (state === 'live' || (state === 'draining' && client.isResume)) {
    return { version: client.requested, because: 'requested' };
  }
  const byName = table.canaries.find(({ rules }) =>
    rules.some((rule) => isAboutVersion(rule) && ruleFits(rule, client)),
  );
  if (byName) return { version: byName.version, because: 'rule' };
  const { version: use } = byTable(table, { ...client, requested: undefined });
  const detail = `Version ${client.requested} is ${state ?? 'unknown'}; use ${use}.`;
  throw GameErrors.VERSION_GONE({ details: { detail, use } });
}

function byTable(table: ReleaseTable, client: ClientFacts): ChosenVersion {
  const byRule = table.canaries.find(({ rules }) => rules.some((rule) => ruleFits(rule, client)));
  if (byRule) return { version: byRule.version, because: 'rule' };
  if (client.playerId !== undefined) {
    const slot = slotOf(client.playerId, table.salt);
    const byWeight = table.canaries.find(({ slots }) => hasSlot(slots, slot));
    if (byWeight) return { version: byWeight.version, because: 'weight' };
  }
  return { version: table.stable, because: 'stable' };
}

/** A rule about the header or query by which clients name their version. */
export function isAboutVersion({ header, query }: Rule): boolean {
  return header?.name.toLowerCase() === 'version' || query?.name === 'version';
}

/** Every condition that the rule has must hold. */
function ruleFits(rule: Rule, client: ClientFacts): boolean {
  const { header, query, cookie, players, region, build } = rule;
  return (
    (!header || client.headers?.[header.name.toLowerCase()] === header.value) &&
    (!query || client.query?.[query.name] === query.value) &&
    (!cookie || client.cookies?.[cookie.name] === cookie.value) &&
    (!players || (client.playerId !== undefined && setOf(players).has(client.playerId))) &&
    (!region || client.region === region) &&
    (!build || (client.build !== undefined && build.from <= client.build && client.build <= build.to))
  );
}

/** By the list itself: a table is replaced as a whole, and its lists are never changed. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Lists of players may have 10,000 ids, and every handshake and request over HTTP asks. */
function setOf(players: readonly string[]): ReadonlySet<string> {
  const known = sets.get(players) ?? new Set(players);
  sets.set(players, known);
  return known;
}
