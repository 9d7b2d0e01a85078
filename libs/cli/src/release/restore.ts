import { parseRecord, type ReleaseRecord, rememberedRelease, TableError } from '@ccgame/releases';
import { followChange } from './follow-newest.js';
import { callRolls, silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';
import { printNote } from './print-note.js';

/**
 * Writes the table again that running servers still have in force, after NATS lost its own.
 *
 * @throws TableError when there is a table, or no server remembers one, or one that may does not answer
 */
export async function restore(session: ReleaseSession): Promise<void> {
  const remembered = await rememberedBy(session);
  if (!remembered) {
    throw new TableError([
      `No connector or http server remembers a table of ${session.channel}; begin with "ccgame release init".`,
    ]);
  }
  const { action, who, at, table } = remembered;
  const restored = await session.store.writeFirstTable(table, session.note('restore'));
  printNote(`restored as it was after "${action}" by ${who}, ${new Date(at).toISOString()}`);
  await followChange(session, restored);
  await printStatus(session);
}

/**
 * The record that most of the servers have in force; of two that are known to as many, the newer.
 *
 * @throws TableError when a server that may remember one doesn't answer
 */
export async function rememberedBy(session: ReleaseSession): Promise<ReleaseRecord | undefined> {
  const { channel } = session;
  const roster = await takeRoster(session);
  const types = [...new Set(roster.expected.map(({ serverType }) => serverType))];
  const { answers, silent } = await callRolls(session, roster, types.map(rememberedRelease), undefined);
  if (silent.length > 0) {
    const names = silent.map(({ serverId }) => serverId).join(',');
    throw new TableError([
      `${silenceOf(silent)}, and may remember a table. Try again, or do without: --without ${names}`,
    ]);
  }
  const texts = answers.flatMap(({ data }) => data.record ?? []);
  const found = [...new Set(texts)].flatMap((text) => {
    const record = recordIn(text, channel);
    return record ? [{ record, servers: texts.filter((one) => one === text).length }] : [];
  });
  found.sort((one, other) => other.servers - one.servers || other.record.at - one.record.at);
  return found[0]?.record;
}

/** Servers of another channel may answer, too. */
function recordIn(text: string, channel: string): ReleaseRecord | undefined {
  try {
    return parseRecord(JSON.parse(text), channel);
  } catch {
    return undefined;
  }
}
