import type { TicketCount } from '#contracts';
import { compareVersions, type ReleaseTable } from '#releases';
import { serverTypesOf } from '#testing';
import { findRisks } from './check.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import { sessionsOf, ticketsOf } from './players-of.js';
import { countByType, surveyServers } from './survey.js';

export async function printStatus(session: ReleaseSession): Promise<void> {
  const { table } = await requireTable(session);
  const servers = await surveyServers(session.nats);
  const rows = [['version', 'state', 'share', 'servers', 'sessions', 'tickets', 'errors']];
  const versions = Object.keys(table.versions).sort(compareVersions);
  const counts = await Promise.all(
    versions.map((version) =>
      Promise.all([sessionsOf(session.nats, version), ticketsOf(session.nats, version)]),
    ),
  );
  for (const [index, version] of versions.entries()) {
    const own = servers.filter((server) => server.version === version);
    const requests = own.reduce((sum, server) => sum + server.requests, 0);
    const errors = own.reduce((sum, server) => sum + server.errors, 0);
    rows.push([
      version,
      table.versions[version]?.state ?? '',
      shareOf(table, version),
      countByType(own),
      String(counts[index]?.[0]),
      ticketsIn(counts[index]?.[1]),
      requests > 0 ? `${((100 * errors) / requests).toFixed(2)} %` : '-',
    ]);
  }
  console.log(`channel ${table.channel}`);
  console.log(columns(rows));
}

export async function printHistory(session: ReleaseSession): Promise<void> {
  const rows = [['when', 'who', 'what', 'why']];
  for (const { at, who, action, why } of await session.store.history(session.channel)) {
    rows.push([new Date(at).toISOString().slice(0, 19), who, action, why]);
  }
  console.log(columns(rows));
}

/** @throws Error with all risks, so that CI stops */
export async function printCheck(session: ReleaseSession): Promise<void> {
  const { table } = await requireTable(session);
  const risks = [
    ...findRisks(table, await surveyServers(session.nats), serverTypesOf(process.cwd())),
    ...(await session.target.routeProblems(table)),
  ];
  if (risks.length > 0) throw new Error(risks.join('\n'));
  console.log('Nothing would go wrong.');
}

/** Its own, and those that another version's servers match. */
function ticketsIn(count: TicketCount | undefined): string {
  if (!count) return '';
  return count.elsewhere > 0 ? `${count.tickets} + ${count.elsewhere} elsewhere` : String(count.tickets);
}

function shareOf({ stable, canaries }: ReleaseTable, version: string): string {
  const canary = canaries.find((one) => one.version === version);
  if (version === stable) return `stable, ${100 - canaries.reduce((sum, { weight }) => sum + weight, 0)} %`;
  if (!canary) return '';
  const rules = canary.rules.length > 0 ? ` + ${canary.rules.length} rules` : '';
  return `canary, ${canary.weight} %${rules}`;
}

function columns(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
