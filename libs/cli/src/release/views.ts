import type { TicketCount } from '@ccgame/matchmaker/operations';
import { compareVersions } from '@ccgame/config';
import type { Canary, ReleaseRecord, ReleaseTable } from '@ccgame/releases';
import type { WorkItem } from '@ccgame/server/operations';
import { columns } from '../columns.js';
import { silenceNote } from '../operate/show.js';
import { findRisks } from './check.js';
import { requireTable } from './require-table.js';
import { findDeserters } from './deserters.js';
import { sharesOf } from './render/backends.js';
import { printResult } from './print-note.js';
import type { ReleaseSession } from './session.js';
import { type Counted, countSessions, countTickets } from './players-of.js';
import { oneEach, type Roster, type SilentServer, takeRoster } from './roll-call.js';
import type { ServerCount } from './targets/target.js';
import { countWork, workIn } from './work-left.js';
import { sum } from './statistics.js';
import { type Sample, surveyTraffic, total, trafficOf } from './traffic.js';

const header = [
  'version',
  'state',
  'share',
  'servers ready',
  'sessions',
  'tickets',
  'errors',
  'commit',
  'work',
];

const retiredShown = 5;

/** A version in the JSON of `status`. */
interface VersionStatus {
  version: string;
  state: string;
  isStable: boolean;
  canary?: Canary;
  servers: ServerCount[];
  sessions: number;
  tickets?: TicketCount;
  /** The players' requests since the servers started. */
  requests: { total: number; failed: number; refused: number };
  revisions: string[];
  work: WorkItem[];
}

/**
 * `ccgame release status`: a line a version. A server that is silent makes its numbers lower bounds (`+ ?`). Where the cluster does not answer,
 * all numbers are: nobody knows who else should be there.
 */
export async function printStatus(session: ReleaseSession): Promise<void> {
  const { table, isOlder } = await requireTable(session);
  const { counts: servers, isUnseen = false } = await session.target.servers();
  const isWhole = (silent: SilentServer[] = []): boolean => !isUnseen && silent.length === 0;
  const roster = await takeRoster(session);
  const [sessions, traffic] = await Promise.all([
    countSessions(session, roster),
    surveyTraffic(session, roster),
  ]);
  const running = [...servers, ...roster.expected].map(({ version }) => version);
  const versions = versionsToShow(table, (one) => running.includes(one) || sessions.count(one) > 0);
  const left = await Promise.all(versions.map((version) => countLeft(session, roster, version)));
  const found = versions.map((version, index): VersionStatus => ({
    version,
    state: table.versions[version]?.state ?? '',
    isStable: version === table.stable,
    canary: table.canaries.find((one) => one.version === version),
    servers: servers.filter((server) => server.version === version),
    sessions: sessions.count(version),
    tickets: left[index]?.tickets.count,
    requests: requestsIn([...trafficOf(version, traffic.traffic).values()]),
    revisions: revisionsIn(roster.present.filter((server) => server.version === version)),
    work: left[index]?.work.count ?? [],
  }));
  const rows = found.map((one, index) =>
    rowOf(table, one, {
      servers: isWhole(),
      sessions: isWhole(sessions.silent),
      tickets: isWhole(left[index]?.tickets.silent),
      work: isWhole(left[index]?.work.silent),
    }),
  );
  const silent = oneEach(
    [sessions, traffic, ...left.flatMap(({ tickets, work }) => [tickets, work])].flatMap((one) => one.silent),
  );
  const retiredBefore = Object.keys(table.versions).length - versions.length;
  const { channel, stable } = table;
  const lines = [
    `channel ${channel}`,
    isOlder && 'The newest entry is no table: the one before it is in force.',
    columns([header, ...rows]),
    retiredBefore > 0 && `and ${retiredBefore} more that were retired before`,
    silent.length > 0 && silenceNote(silent),
  ];
  printResult(
    { channel, stable, isOlder: isOlder ?? false, isUnseen, versions: found, retiredBefore, silent },
    lines.filter((line) => line).join('\n'),
  );
}

async function countLeft(
  session: ReleaseSession,
  roster: Roster,
  version: string,
): Promise<{ tickets: Counted<TicketCount>; work: Counted<WorkItem[]> }> {
  const [tickets, work] = await Promise.all([
    countTickets(session, roster, version),
    countWork(session, roster, version),
  ]);
  return { tickets, work };
}

/** @param isWhole which of its numbers all servers were asked for */
function rowOf(
  table: ReleaseTable,
  one: VersionStatus,
  isWhole: Record<'servers' | 'sessions' | 'tickets' | 'work', boolean>,
): string[] {
  return [
    one.version,
    one.state,
    shareOf(table, one.version),
    atLeast(readyOf(one.servers), isWhole.servers),
    atLeast(String(one.sessions), isWhole.sessions),
    atLeast(ticketsIn(one.tickets), isWhole.tickets),
    errorsIn(one.requests),
    one.revisions.map(shortRevision).join(', ') || '-',
    atLeast(workIn(one.work), isWhole.work),
  ];
}

/**
 * The versions in their order. Those that were retired, and of which nothing is left, are left out but for the last ones: a table keeps hundreds,
 * and for each one matching servers go through all tickets.
 */
function versionsToShow({ versions }: ReleaseTable, isLeft: (version: string) => boolean): string[] {
  const all = Object.keys(versions);
  const gone = all.filter((version) => versions[version]?.state === 'retired' && !isLeft(version));
  const before = new Set(gone.slice(0, -retiredShown));
  return all.filter((version) => !before.has(version)).sort(compareVersions);
}

/** `ccgame release history`: each change of the table, with who made it and why. */
export async function printHistory(session: ReleaseSession): Promise<void> {
  await requireTable(session);
  const changes: Omit<ReleaseRecord, 'table'>[] = [];
  await session.store.readHistory(session.channel, ({ at, who, action, why }) =>
    changes.push({ at, who, action, why }),
  );
  const rows = changes.map(({ at, who, action, why }) => [
    new Date(at).toISOString().slice(0, 19),
    who,
    action,
    why,
  ]);
  printResult({ changes }, columns([['when', 'who', 'what', 'why'], ...rows]));
}

/** Prints what can't be helped as notes. @throws Error with all risks, so that CI stops */
export async function printCheck(session: ReleaseSession): Promise<void> {
  const { table } = await requireTable(session);
  const notes = await session.target.routeLimits(table);
  const roster = await takeRoster(session);
  const risks = [
    ...findRisks(table, roster.present, session.target.serverTypes),
    ...(await findDeserters(session, roster)),
    ...(await session.target.routeProblems(table)),
  ];
  const told = notes.map((note) => `note: ${note}`);
  if (risks.length === 0)
    return printResult({ notes, risks }, [...told, 'Nothing would go wrong.'].join('\n'));
  printResult({ notes, risks }, told.join('\n'));
  throw new Error(risks.join('\n'));
}

/** Its own, and those that another version's servers match. */
function ticketsIn({ tickets, elsewhere }: TicketCount = { tickets: 0, elsewhere: 0 }): string {
  return elsewhere > 0 ? `${tickets} + ${elsewhere} elsewhere` : String(tickets);
}

/** The builds that its servers tell: more than one where not all servers are replaced yet. */
function revisionsIn(servers: Roster['present']): string[] {
  return [...new Set(servers.map(({ buildRevision }) => buildRevision ?? 'unknown'))].sort();
}

function shortRevision(revision: string): string {
  return revision.replace(/^([0-9a-f]{7})[0-9a-f]{33}/, '$1');
}

/** Silence is no zero. */
function atLeast(text: string, isWhole: boolean): string {
  return isWhole ? text : `${text} + ?`;
}

/** `connector 1/2, http 3/3` */
function readyOf(servers: ServerCount[]): string {
  const types = [...new Set(servers.map(({ serverType }) => serverType))].sort();
  const texts = types.map((type) => {
    const own = servers.filter(({ serverType }) => serverType === type);
    return `${type} ${sum(own.map(({ ready }) => ready))}/${sum(own.map(({ wanted }) => wanted))}`;
  });
  return texts.join(', ') || 'none';
}

function requestsIn(samples: Sample[]): VersionStatus['requests'] {
  return {
    total: sum(samples.map(total)),
    failed: sum(samples.map(({ failed }) => failed)),
    refused: sum(samples.map(({ refused }) => refused)),
  };
}

/** `0.40 %`: what was refused, such as a question for what isn't there, is an answer. */
function errorsIn({ total: all, failed }: VersionStatus['requests']): string {
  return all > 0 ? `${((100 * failed) / all).toFixed(2)} %` : '-';
}

function shareOf(table: ReleaseTable, version: string): string {
  const canary = table.canaries.find((one) => one.version === version);
  if (version === table.stable) return `stable, ${sharesOf(table)[0]?.percent} %`;
  if (!canary) return '';
  const { length } = canary.rules;
  const rules = length > 0 ? ` + ${length} ${length === 1 ? 'rule' : 'rules'}` : '';
  return `canary, ${canary.weight} %${rules}`;
}
