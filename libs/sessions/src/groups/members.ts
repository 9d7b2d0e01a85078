import { checkName } from '@ccgame/rpc';
import type { KeyValueBucket } from '@ccgame/jetstream';

export const groupsBucket = 'groups';

/** @throws RpcError INVALID */
export function memberKey(group: string, playerId: string): string {
  return `${checkName('group', group)}.${checkName('playerId', playerId)}`;
}

/** The players of a group. @throws RpcError INVALID */
export async function membersOf(bucket: KeyValueBucket, group: string): Promise<string[]> {
  const entries = await bucket.list(`${checkName('group', group)}.*`);
  return entries.map(({ key }) => key.slice(group.length + 1));
}
