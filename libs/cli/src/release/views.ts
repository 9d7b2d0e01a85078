import type { TicketCount } from '@ccgame/matchmaker';
import { compareVersions } from '@ccgame/config';
import type { ReleaseTable } from '@ccgame/releases';
import { columns } from '../columns.js';
import { findRisks } from './check.js';
import { requireTable } from './require-table.js';
import { findDeserters } from './deserters.js';
import type { ReleaseSession } from './session.js';
import { countSessions, countTickets, type Counted } from './players-of.js';
import { type Roster, type SilentServer, silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseTarget, ServerCount, Servers } from './targets/target.js';
import { countWork, workIn } from './work-left.js';
import { type Sample, surveyTraffic, total, trafficOf } from './traffic.js';

export async function printStatus(session: ReleaseSession): Promise<void> {
  const { table, isOlder } = await requireTable(session);
  const versions = Object.keys(table.versions).sort(compareVersions);
  const { counts: servers, session: seen } = await whatRuns(session);
  const roster = await takeRoster(seen);
  const [sessions, traffic, tickets, work] = await Promise.all([
    countSessions(seen, roster),
    surveyTraffic(seen, roster),
    Promise.all(versions.map((version) => countTickets(seen, roster, version))),
    Promise.all(versions.map((version) => countWork(seen, roster, version))),
  ]);
  const rows = [
    ['version', 'state', 'share', 'servers ready', 'sessions', 'tickets', 'errors', 'commit', 'work'],
  ];
  for (const [index, version] of versions.entries()) {
    rows.push([
      version,
      table.versions[version]?.state ?? '',
      shareOf(table, version),
      readyOf(servers.filter((server) => server.version === version)),
      atLeast(String(sessions.count(version)), sessions.silent),
      ticketsIn(tickets[index]),
      errorsIn([...trafficOf(version, traffic.traffic).values()]),
      revisionsIn(roster.present.filter((server) => server.version === version)),
      atLeast(workIn(work[index]?.count ?? []), work[index]?.silent ?? []),
    ]);
  }
  console.log(`channel ${table.channel}`);
  if (isOlder) console.log('The newest entry is no table: the one before it is in force.');
  console.log(columns(rows));
  const silent = [sessions, traffic, ...tickets, ...work].flatMap((one) => one.silent);
  const names = new Map(silent.map((server) => [server.serverId, server]));
  if (names.size > 0) console.log(`${silenceOf([...names.values()])}: what they know is not counted (+ ?).`);
}

export async function printHistory(session: ReleaseSession): Promise<void> {
  await requireTable(session);
  const rows = [['when', 'who', 'what', 'why']];
  for (const { at, who, action, why } of await session.store.readHistory(session.channel)) {
    rows.push([new Date(at).toISOString().slice(0, 19), who, action, why]);
  }
  console.log(columns(rows));
}

/** Prints what can't be helped as notes. @throws Error with all risks, so that CI stops */
export async function printCheck(session: ReleaseSession): Promise<void> {
  const { table } = await requireTable(session);
  for (const limit of await session.target.routeLimits(table)) console.log(`note: ${limit}`);
  const roster = await takeRoster(session);
  const risks = [
    ...findRisks(table, roster.present, session.target.serverTypes),
    ...(await findDeserters(session, roster)),
    ...(await session.target.routeProblems(table)),
  ];
  if (risks.length > 0) throw new Error(risks.join('\n'));
  console.log('Nothing would go wrong.');
}

/** Its own, and those that another version's servers match. */
function ticketsIn(counted: Counted<TicketCount> | undefined): string {
  if (!counted) return '';
  const { tickets, elsewhere } = counted.count;
  return atLeast(elsewhere > 0 ? `${tickets} + ${elsewhere} elsewhere` : String(tickets), counted.silent);
}

/** The builds that its servers tell: more than one where not all servers are replaced yet. */
function revisionsIn(servers: Roster['present']): string {
  const revisions = new Set(servers.map(({ buildRevision }) => shortRevision(buildRevision)));
  return [...revisions].sort().join(', ') || '-';
}

function shortRevision(revision = 'unknown'): string {
  return revision.replace(/^([0-9a-f]{7})[0-9a-f]{33}/, '$1');
}

/** Silence is no zero. */
function atLeast(text: string, silent: SilentServer[]): string {
  return silent.length > 0 ? `${text} + ?` : text;
}

/** Without the place where they run, those that answer: of a server that should be there nothing is known then. */
async function whatRuns(
  session: ReleaseSession,
): Promise<{ counts: ServerCount[]; session: ReleaseSession }> {
  try {
    return { counts: (await session.target.servers()).counts, session };
  } catch (error) {
    console.log(`${(error as Error).message}\nOnly the servers that answer are counted.`);
    const blind = { ...session, target: withoutSight(session.target) };
    const { present } = await takeRoster(blind);
    const counts = present.map(({ serverType, version }) => ({ serverType, version, ready: 1, wanted: 1 }));
    return { counts, session: blind };
  }
}

function withoutSight(target: ReleaseTarget): ReleaseTarget {
  const nothing: Servers = { counts: [], instances: [] };
  return Object.assign(Object.create(target) as ReleaseTarget, { servers: () => Promise.resolve(nothing) });
}

/** `connector 1/2, http 3/3` */
function readyOf(servers: ServerCount[]): string {
  const types = [...new Set(servers.map(({ serverType }) => serverType))].sort();
  const texts = types.map((type) => {
    const own = servers.filter(({ serverType }) => serverType === type);
    const sum = (of: (count: ServerCount) => number): number => own.reduce((all, one) => all + of(one), 0);
    return `${type} ${sum(({ ready }) => ready)}/${sum(({ wanted }) => wanted)}`;
  });
  return texts.join(', ') || 'none';
}

/** The share of the players' requests that failed, since the servers started. */
function errorsIn(samples: Sample[]): string {
  const all = samples.reduce((sum, sample) => sum + total(sample), 0);
  const failed = samples.reduce((sum, sample) => sum + sample.failed, 0);
  return all > 0 ? `${((100 * failed) / all).toFixed(2)} %` : '-';
}

function shareOf({ stable, canaries }: ReleaseTable, version: string): string {
  const canary = canaries.find((one) => one.version === version);
  if (version === stable) return `stable, ${100 - canaries.reduce((sum, { weight }) => sum + weight, 0)} %`;
  if (!canary) return '';
  const { length } = canary.rules;
  const rules = length > 0 ? ` + ${length} ${length === 1 ? 'rule' : 'rules'}` : '';
  return `canary, ${canary.weight} %${rules}`;
}
