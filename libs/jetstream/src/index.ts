export { type Acked, AckedPublisher, NotStored, type StoredAt } from './acked-publisher.js';
export { type ExpectingMessage, maxBatchMessages, splitBySize } from './batch.js';
export { KeyValueBucket, type BucketEntry, isAway, keyValueStream } from './key-value-bucket.js';
export { DirectReader, NotRead, type StandingRecord } from './direct-reader.js';
export { readStorageTime } from './storage-time.js';
export { type EnsureOptions, ensureAlways } from './ensure-always.js';
export { bucketProbe, bucketStream, ensureBucket } from './ensure-bucket.js';
export { type BoundStream, ensureStream, type StreamDeclaration } from './ensure-stream.js';
export { type FollowOptions, StreamFollower } from './follow-stream.js';
export { NatsClock } from './nats-clock.js';
export { parseJson } from './parse-json.js';
export { StorageProblem } from './storage-problem.js';
export { StoredMessage, republishedMessage } from './stored-message.js';
export { StoredRecords } from './stored-records.js';
export { writtenRecord } from './written.js';
export { isConflict, isUncertain, standingSequence } from './refusals.js';
export {
  type BackedUpStream,
  backUpStreams,
  firstMadeAt,
  notBackedUp,
  readBackup,
  restoreFromFolder,
} from './backup/backup-folder.js';
export type { SnapshotHead } from './backup/snapshot-stream.js';
export { countMessages, deleteStreams } from './backup/standing-streams.js';
export { type AddedBackup, addToSeries } from './backup/backup-series.js';
