export {
  CommitConflict,
  FencedPartition,
  type FenceStore,
  type LossReason,
  type PartitionEvents,
  PartitionLost,
} from './fenced-partition.js';
export { Membership, type MembershipOptions } from './membership.js';
export { winnerOf } from './rendezvous.js';
export {
  type FenceHolder,
  type OwnablePartition,
  type OwnershipOptions,
  OwnershipRegistry,
} from './ownership-registry.js';
export { ServerCount, type ServerCountOptions } from './server-count.js';
export { NotTaken, tellingConflicts, WriteConflict } from './write-conflict.js';
