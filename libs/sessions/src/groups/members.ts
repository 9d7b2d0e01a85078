import { checkName } from '@ccgame/rpc';
import type { KeyValueBucket } from '@ccgame/jetstream';

/** The bucket with one key for each membership of a player in a group. */
export const groupsBucket = 'groups';
/** Some million memberships; one more is refused. */
export const groupsBytes = 256 * 2 ** 20;

/** @throws RpcError INVALID */
export function memberKey(group: string, playerId: string): string {
  return `${checkName('group', group)}.${checkName('playerId', playerId)}`;
}

/** The players of a group. @throws RpcError INVALID */
export async function membersOf(bucket: KeyValueBucket, group: string): Promise<string[]> {
  const entries = await bucket.list(`${checkName('group', group)}.*`);
  return entries.map(({ key }) => key.slice(group.length + 1));
}
