import { checkName } from '@ccgame/rpc';
import type { KeyValueBucket } from '@ccgame/jetstream';
import { orBusy } from '../or-busy.js';

/** The bucket with one key for each membership of a player in a group. */
export const groupsBucket = 'groups';
/** Some million memberships; one more is refused. */
export const groupsBytes = 256 * 2 ** 20;

/** @throws RpcError INVALID */
export function memberKey(group: string, playerId: string): string {
  return `${checkName('group', group)}.${checkName('playerId', playerId)}`;
}

/** The players of a group. @throws RpcError INVALID; BUSY when NATS does not answer */
export async function membersOf(bucket: KeyValueBucket, group: string): Promise<string[]> {
  const filter = filterOf(group);
  return orBusy(() => bucket.list(filter, ({ key }) => key.slice(group.length + 1)));
}

/** How many those are: none of them is kept in memory. @throws as {@link membersOf} */
export async function countMembers(bucket: KeyValueBucket, group: string): Promise<number> {
  const filter = filterOf(group);
  return orBusy(async () => {
    let count = 0;
    await bucket.list(filter, () => void (count += 1));
    return count;
  });
}

const filterOf = (group: string): string => `${checkName('group', group)}.*`;
