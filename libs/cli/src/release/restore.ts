import { rememberedRelease } from '@ccgame/releases';
import { parseRecord, type ReleaseRecord, TableError } from '@ccgame/releases';
import { withRpc } from './operator-rpc.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

const gatherMs = 500;

/**
 * Writes the table again that running servers still have in force, after NATS lost its own.
 *
 * @throws TableError when there is a table, or no server remembers one
 */
export async function restore(session: ReleaseSession): Promise<void> {
  const remembered = await rememberedBy(session);
  if (!remembered) {
    throw new TableError([
      `No connector or http server remembers a table of ${session.channel}; begin with "ccgame release init".`,
    ]);
  }
  const { action, who, at, table } = remembered;
  const { table: restored } = await session.store.writeFirstTable(table, session.note('restore'));
  console.log(`restored as it was after "${action}" by ${who}, ${new Date(at).toISOString()}`);
  await session.target.follow(restored);
  await printStatus(session);
}

/** The record that most of the servers have in force; of two that are known to as many, the newer. */
export async function rememberedBy({ nats, channel }: ReleaseSession): Promise<ReleaseRecord | undefined> {
  const texts = await withRpc(nats, async (rpc) => {
    const answers = await Promise.all(
      Object.values(rememberedRelease).map((handler) =>
        rpc.gatherRPC({ handler, all: true }, undefined, { timeoutMs: gatherMs }),
      ),
    );
    return answers.flat().flatMap((answer) => ('data' in answer ? (answer.data.record ?? []) : []));
  });
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
