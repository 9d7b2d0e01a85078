import type { DirectReader, StoredMessage } from '@ccgame/jetstream';
import { sessionsBucket } from './session-record.js';

const prefix = `$KV.${sessionsBucket}.`;
/** A direct read gives so many at most. */
const pageSize = 1_000;

/** Hands over what stands under each player's id, without data where a session has ended; nothing where nothing does. @throws NotRead */
export async function readRecords(
  reader: DirectReader,
  playerIds: readonly string[],
  take: (playerId: string, message: StoredMessage) => void,
): Promise<void> {
  for (let at = 0; at < playerIds.length; at += pageSize) {
    const page = playerIds.slice(at, at + pageSize).map((playerId) => prefix + playerId);
    const request = { multi_last: page, batch: page.length };
    for (const message of await reader.readMessages(`KV_${sessionsBucket}`, request))
      take(message.subject.slice(prefix.length), message);
  }
}
