import { RpcError } from '#rpc';
import type { Bucket } from '../jetstream/bucket.js';

export const groupsBucket = 'groups';

const groupPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws RpcError INVALID */
export function memberKey(group: string, member: string): string {
  if (groupPattern.test(group)) return `${group}.${member}`;
  throw new RpcError('INVALID', { details: { field: 'group', expected: groupPattern.source } });
}

/** The players of a group. @throws RpcError INVALID */
export async function membersOf(bucket: Bucket, group: string): Promise<string[]> {
  const entries = await bucket.list(memberKey(group, '*'));
  return entries.map(({ key }) => key.slice(group.length + 1));
}
