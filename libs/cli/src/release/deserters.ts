import { parseRecord, type ReleaseRecord, rememberedRelease } from '@ccgame/releases';
import { callRolls, type Roster } from './roll-call.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';

/** A change reaches every server within a second. */
const seenMs = 1_500;

/** In sentences: which servers don't answer, or don't follow the channel's release table. */
export async function findDeserters(session: ReleaseSession, roster: Roster): Promise<string[]> {
  const found = await listDeserters(session, roster);
  if (found.length === 0) return found;
  // The table may have changed, and a server may have stopped, just now.
  await new Promise((resolve) => setTimeout(resolve, seenMs));
  return listDeserters(session, roster);
}

async function listDeserters(session: ReleaseSession, roster: Roster): Promise<string[]> {
  const isPresent = new Set(roster.present.map(({ serverId }) => serverId));
  const types = [...new Set(roster.expected.map(({ serverType }) => serverType))];
  const { answers, silent } = await callRolls(session, roster, types.map(rememberedRelease), undefined);
  const current = await requireTable(session);
  const behind = answers.filter(({ data }) => !isSame(recordIn(data.record, session.channel), current));
  return [
    ...silent.map(({ serverId, reason }) =>
      reason === 'NO_SERVER' && isPresent.has(serverId)
        ? `${serverId} does not follow the release table: its module imports neither ServerModule nor ReleasesModule.`
        : `${serverId} runs, but does not answer (${reason}).`,
    ),
    ...behind.map(({ server }) => `${server.serverId} follows another table than the channel's newest.`),
  ];
}

function isSame(record: ReleaseRecord | undefined, current: ReleaseRecord): boolean {
  return record !== undefined && JSON.stringify(record.table) === JSON.stringify(current.table);
}

/** A server of another channel has none of this one. */
function recordIn(text: string | undefined, channel: string): ReleaseRecord | undefined {
  try {
    return text === undefined ? undefined : parseRecord(JSON.parse(text), channel);
  } catch {
    return undefined;
  }
}
