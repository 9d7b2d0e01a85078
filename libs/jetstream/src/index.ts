export { type Acked, AckedPublisher } from './writing/acked-publisher.js';
export { NotStored, type StoredAt } from './writing/not-stored.js';
export { type ExpectingMessage, maxBatchMessages, splitBySize } from './writing/batch.js';
export { KeyValueBucket, type BucketEntry, isAway, keyValueStream } from './writing/key-value-bucket.js';
export { DirectReader, NotRead, type StandingRecord } from './reading/direct-reader.js';
export { readStorageTime } from './streams/storage-time.js';
export { type EnsureOptions, ensureAlways } from './streams/ensure-always.js';
export { bucketProbe, bucketStream, ensureBucket } from './streams/ensure-bucket.js';
export { type BoundStream, ensureStream, type StreamDeclaration } from './streams/ensure-stream.js';
export { type FollowOptions, StreamFollower } from './reading/follow-stream.js';
export { NatsClock } from './nats-clock.js';
export { parseJson } from './reading/parse-json.js';
export { StorageProblem } from './streams/storage-problem.js';
export { StoredMessage, republishedMessage } from './reading/stored-message.js';
export { StoredRecords } from './reading/stored-records.js';
export { readAgain, untilRead } from './reading/until-read.js';
export { writtenRecord } from './reading/written.js';
export {
  isConflict,
  isDenied,
  isFull,
  isNotNow,
  isOverBound,
  isTooLarge,
  isUncertain,
  standingSequence,
} from './writing/refusals.js';
export { waitForReplica } from './writing/replica-lag.js';
export { untilWritten } from './writing/until-written.js';
export { type BackedUpStream, backUpStreams, firstMadeAt, notBackedUp } from './backup/backup-folder.js';
export type { BackupHead } from './backup/backup-files.js';
export { assertArchive, BackupDamaged, readBackup, restoreFromFolder } from './backup/read-backup.js';
export type { SnapshotHead } from './backup/snapshot-stream.js';
export { deleteStreams, findStreams, type StandingStreams, tryRoomFor } from './backup/standing-streams.js';
export { type AddedBackup, addToSeries } from './backup/backup-series.js';
