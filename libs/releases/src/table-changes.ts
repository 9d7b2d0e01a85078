import { randomBytes } from 'node:crypto';
import type { Canary, ReleaseTable, Rule, VersionState } from './table.js';
import { isWeight, resizeShare, type SlotRange } from './weights.js';
import { ruleProblems } from './rule-problems.js';
import { TableError } from './table-problems.js';

/**
 * Retired versions that a table keeps: one is asked for as long as a ticket of its players may wait, a week. A table that kept all would
 * have no room for a change at all some day, a rollback included.
 */
const mostRetired = 500;

/** A change is a pure function: the store validates what comes out and writes it by compare-and-set. */
export type TableChange = (table: ReleaseTable) => ReleaseTable;

/** A channel's first table: some versions, all live. */
export function firstTable(channel: string, stable: string, others: string[] = []): ReleaseTable {
  const versions = Object.fromEntries(
    [stable, ...others].map((version) => [version, { state: 'live' as const }]),
  );
  return { channel, stable, versions, canaries: [], fallbacks: {}, salt: newSalt() };
}

/** @throws TableError for a version that is being retired or serves already under another state */
export function addVersion(version: string, group?: string): TableChange {
  return (table) => {
    const { state, group: begunIn } = table.versions[version] ?? {};
    if (state === 'live') refuseChange(`${version} is live already.`);
    if (state === 'draining')
      refuseChange(`${version} is draining; it can be deployed again when it is retired.`);
    // A deployment that broke off is gone on with, where it was begun.
    return withVersion(table, version, 'deploying', group ?? (state === 'deploying' ? begunIn : undefined));
  };
}

/** Gives a version to players: its servers are ready. @throws TableError when it isn't in the table, or was drained meanwhile */
export function markLive(version: string): TableChange {
  return (table) => {
    const state = knownVersion(table, version);
    if (state === 'draining' || state === 'retired')
      refuseChange(`${version} is ${state} by now: its servers go, or are gone.`);
    return withState(table, version, 'live');
  };
}

/** The players who get a canary. */
export interface CanaryOptions {
  /** Percent; left as it is when not given. */
  weight?: number;
  /** Added to the rules that there are. */
  rules?: Rule[];
}

/** Makes a version a canary, or changes the one that it is. @throws TableError also for a rule that no client can fit */
export function setCanary(version: string, { weight, rules = [] }: CanaryOptions): TableChange {
  return (table) => {
    knownVersion(table, version);
    if (weight !== undefined && !isWeight(weight))
      refuseChange(`A weight is 0 to 100 percent, in steps of 0.01, not ${weight}.`);
    if (version === table.stable)
      refuseChange(`${version} is the stable version; it can't be its own canary.`);
    const problems = rules.flatMap((one) => ruleProblems(one));
    if (problems.length > 0) throw new TableError(problems);
    const canary = table.canaries.find((one) => one.version === version) ?? {
      version,
      rules: [],
      weight: 0,
      slots: [],
    };
    const others = table.canaries.filter((one) => one.version !== version);
    const share = weight ?? canary.weight;
    const slots = resizeShare(
      canary.slots,
      others.flatMap((one) => one.slots as SlotRange[]),
      share,
    );
    if (!slots) refuseChange(`The other canaries leave less than ${share} % for ${version}.`);
    const given = new Set(canary.rules.map((rule) => JSON.stringify(rule)));
    const added = rules.filter((rule) => !given.has(JSON.stringify(rule)));
    const changed: Canary = { ...canary, weight: share, slots, rules: [...canary.rules, ...added] };
    const isFirst = table.canaries.every((one) => one.slots.length === 0);
    const position = table.canaries.findIndex((one) => one.version === version);
    const canaries = position < 0 ? [...table.canaries, changed] : table.canaries.with(position, changed);
    return {
      ...withoutMove(table, version),
      canaries,
      salt: isFirst && slots.length > 0 ? newSalt() : table.salt,
    };
  };
}

/** The canary becomes stable; the version that was stable stays live, so that a rollback finds it. */
export function promoteVersion(version: string): TableChange {
  return (table) => {
    knownVersion(table, version);
    if (table.stable === version) refuseChange(`${version} is the stable version already.`);
    const canaries = table.canaries.filter((one) => one.version !== version);
    return withMove({ ...table, stable: version, canaries }, table.stable);
  };
}

/** Ends a canary: its players' next connections go to stable. */
export function endCanary(version: string): TableChange {
  return (table) => {
    if (!table.canaries.some((one) => one.version === version)) refuseChange(`${version} is no canary.`);
    return withMove({ ...table, canaries: table.canaries.filter((one) => one.version !== version) }, version);
  };
}

/** No new player gets it from now on. */
export function drainVersion(version: string): TableChange {
  return (table) => {
    const state = knownVersion(table, version);
    if (table.stable === version)
      refuseChange(`${version} is the stable version; promote another one first.`);
    if (state === 'retired') refuseChange(`${version} is retired already.`);
    const needy = Object.entries(table.fallbacks).flatMap(([serverType, pairs]) =>
      Object.entries(pairs)
        .filter(([from, to]) => to === version && table.versions[from]?.state !== 'retired')
        .map(([from]) => `${from} has no ${serverType} servers and is served by those of ${version}`),
    );
    if (needy.length > 0) refuseChange(`${needy.join('; ')}: deploy them first.`);
    const canaries = table.canaries.filter((one) => one.version !== version);
    return withMove({ ...withState(table, version, 'draining'), canaries }, version);
  };
}

/** The retirement of a version is taken back, while its servers are there. One that does not drain stays as it is. */
export function keepVersion(version: string): TableChange {
  return (table) => (knownVersion(table, version) === 'draining' ? withState(table, version, 'live') : table);
}

/** Its servers may be removed. Its own fallbacks end with it. The versions that were retired first leave the table in time. */
export function retireVersion(version: string): TableChange {
  return (table) => {
    if (knownVersion(table, version) !== 'draining')
      refuseChange(`${version} is not draining; that comes first.`);
    const fallbacks = Object.fromEntries(
      Object.entries(table.fallbacks).map(([type, pairs]) => [
        type,
        Object.fromEntries(Object.entries(pairs).filter(([from]) => from !== version)),
      ]),
    );
    const { [version]: entry, ...others } = table.versions;
    const versions = { ...others, [version]: { ...entry, state: 'retired' as const } };
    return { ...table, versions: withoutOldest(versions), fallbacks };
  };
}

/** Calls for a type and version go to another version's servers; without `to`, to its own again. */
export function setFallback(serverType: string, from: string, to: string | undefined): TableChange {
  return (table) => {
    const { [from]: _, ...pairs } = table.fallbacks[serverType] ?? {};
    return {
      ...table,
      fallbacks: { ...table.fallbacks, [serverType]: to === undefined ? pairs : { ...pairs, [from]: to } },
    };
  };
}

function withVersion(
  table: ReleaseTable,
  version: string,
  state: VersionState,
  group?: string,
): ReleaseTable {
  return { ...table, versions: { ...table.versions, [version]: { state, ...(group && { group }) } } };
}

function withState(table: ReleaseTable, version: string, state: VersionState): ReleaseTable {
  return { ...table, versions: { ...table.versions, [version]: { ...table.versions[version], state } } };
}

/** A version that no new player gets any more gives its entities to stable, where the two may meet; stable keeps its own. */
function withMove(table: ReleaseTable, from: string): ReleaseTable {
  const { stable, versions } = table;
  const kept = withoutMove(table, stable);
  if (from === stable || !versions[from] || versions[from].group !== versions[stable]?.group) return kept;
  return { ...kept, versions: { ...kept.versions, [from]: { ...versions[from], movesTo: stable } } };
}

function withoutMove(table: ReleaseTable, version: string): ReleaseTable {
  const entry = table.versions[version];
  if (entry?.movesTo === undefined) return table;
  const { movesTo: _, ...rest } = entry;
  return { ...table, versions: { ...table.versions, [version]: rest } };
}

/** A version whose entities go on in one that leaves the table has them go on where those of that one do. */
function withoutOldest(versions: ReleaseTable['versions']): ReleaseTable['versions'] {
  const retired = Object.keys(versions).filter((version) => versions[version]?.state === 'retired');
  const forgotten = retired.slice(0, Math.max(0, retired.length - mostRetired));
  const kept = { ...versions };
  for (const version of forgotten) {
    const { movesTo } = kept[version] ?? {};
    delete kept[version];
    for (const [other, entry] of Object.entries(kept)) {
      if (entry.movesTo !== version) continue;
      const { movesTo: _, ...rest } = entry;
      kept[other] = movesTo === undefined || movesTo === other ? rest : { ...rest, movesTo };
    }
  }
  return kept;
}

function knownVersion(table: ReleaseTable, version: string): VersionState {
  const entry = table.versions[version];
  if (!entry)
    refuseChange(
      `${version} is unknown; the versions are ${Object.keys(table.versions).join(', ')}. A new one is deployed first: "ccgame release deploy ${version}".`,
    );
  return entry.state;
}

function refuseChange(sentence: string): never {
  throw new TableError([sentence]);
}

function newSalt(): string {
  return randomBytes(6).toString('hex');
}
