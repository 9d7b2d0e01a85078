export {
  CommitConflict,
  FencedPartition,
  type FenceStore,
  type PartitionEvents,
  PartitionLost,
} from './fenced-partition.js';
export { Membership, type MembershipOptions } from './membership.js';
export { winnerOf } from './rendezvous.js';
