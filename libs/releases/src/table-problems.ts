import { nameClash } from '@ccgame/config';
import { type ReleaseRecord, releaseTableSchema, type ReleaseTable, slotCount } from './table.js';
import { isDisjoint, slotsOf, slotsOfWeight } from './weights.js';

/**
 * Everything that is wrong with a table as a whole, in sentences; empty when it may be written.
 * A table comes as a whole or not at all, so that no reader ever sees half a release.
 */
export function tableProblems(candidate: unknown): string[] {
  const parsed = releaseTableSchema.safeParse(candidate);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => `${issue.path.join('.') || 'table'}: ${issue.message}`);
  }
  const table = parsed.data;
  return [...versionProblems(table), ...canaryProblems(table), ...fallbackProblems(table)];
}

/** @throws TableError that lists everything wrong. */
export function parseTable(candidate: unknown): ReleaseTable {
  const problems = tableProblems(candidate);
  if (problems.length > 0) throw new TableError(problems);
  return releaseTableSchema.parse(candidate);
}

/**
 * One entry of the bucket, as it was read.
 *
 * @throws TableError that lists everything wrong
 */
export function parseRecord(candidate: unknown, channel: string): ReleaseRecord {
  const record = candidate as ReleaseRecord | null;
  const table = parseTable(record?.table);
  if (table.channel !== channel)
    throw new TableError([`It is the table of ${table.channel}, not of ${channel}.`]);
  return { ...(record as ReleaseRecord), table };
}

/** A release table that must not be written, or was written by something that is not ccgame. */
export class TableError extends Error {
  override readonly name = 'TableError';

  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}

function versionProblems({ stable, versions }: ReleaseTable): string[] {
  const problems: string[] = [];
  if (versions[stable]?.state !== 'live') problems.push(`stable: ${stable} is not live`);
  const clash = nameClash(
    Object.entries(versions)
      .filter(([, { state }]) => state !== 'retired')
      .map(([version]) => version),
  );
  if (clash)
    problems.push(
      `versions: ${clash[0]} and ${clash[1]} give the same resource name; one of them needs another number`,
    );
  return problems;
}

function canaryProblems({ canaries, versions, stable }: ReleaseTable): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { version, weight, slots, rules } of canaries) {
    const where = `canary ${version}`;
    if (seen.has(version)) problems.push(`${where}: named twice`);
    seen.add(version);
    if (versions[version]?.state !== 'live') problems.push(`${where}: it is not live`);
    if (version === stable) problems.push(`${where}: it is the stable version`);
    if (slotsOf(slots) !== slotsOfWeight(weight)) problems.push(`${where}: its slots are not ${weight} %`);
    for (const { build } of rules) {
      if (build && build.from > build.to)
        problems.push(`${where}: build ${build.from} to ${build.to} fits nobody`);
    }
  }
  // Floating-point numbers may add up to a little more.
  if (canaries.reduce((sum, { weight }) => sum + slotsOfWeight(weight), 0) > slotCount)
    problems.push('canaries: their weights are over 100 %');
  if (!isDisjoint(canaries.flatMap(({ slots }) => slots)))
    problems.push('canaries: two of them share players');
  return problems;
}

function fallbackProblems({ fallbacks, versions }: ReleaseTable): string[] {
  return Object.entries(fallbacks).flatMap(([serverType, pairs]) =>
    Object.entries(pairs).flatMap(([from, to]) => {
      const where = `fallback of ${serverType} ${from}`;
      if (from === to) return [`${where}: to itself`];
      if (pairs[to] !== undefined) return [`${where}: ${to} has a fallback itself`];
      if (versions[to]?.state !== 'live' && versions[to]?.state !== 'draining')
        return [`${where}: ${to} is not live`];
      if (versions[from] && versions[from].group !== versions[to].group)
        return [`${where}: ${to} is of another group`];
      return [];
    }),
  );
}
