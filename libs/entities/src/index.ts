export {
  EntityClient,
  type EntityCallOptions,
  type FindOptions,
  type LeaveOptions,
} from './call/entity-client.js';
export {
  Alarm,
  Entity,
  type EntityClass,
  type EntityOptions,
  Handles,
  Room,
  type RoomOptions,
} from './contract/decorators.js';
export { entity, EntityContract } from './contract/entity-contract.js';
export { FollowAnswer, FollowDto } from './contract/follow.dto.js';
export { EntitiesModule } from './entities.module.js';
export { EntityErrors } from './errors.js';
export { entityStreams } from './storage/jetstream/entity-stream.js';
export {
  EntityList,
  ListEntitiesDto,
  ListedEntity,
  listEntitiesHandler,
} from './host/entity-list.contract.js';
export { FoundRoom, FoundRooms } from './host/find-rooms.contract.js';
export type { EntityStoreFactory } from './storage/entity-store.js';
export { jetStreamStore } from './storage/jetstream/jetstream-store.js';
export { postgresStore, type PostgresStoreOptions } from './storage/postgres/postgres-store.js';
export { schema as postgresSchema } from './storage/postgres/schema.js';
export { readRecording } from './recording/read-recording.js';
export type { Recording } from './recording/recording.js';
export { type ReplayDifference, replayRecording, type ReplayResult } from './recording/replay-recording.js';
export { type RoomPushes, roomPushes, RoomStopped } from './rooms/stop-room.js';
export type { EntitiesOptions } from './host/entities-options.js';
export { EntityHost } from './host/entity-host.js';
export { EntityCall, EntityOf, type PushChoice, type RoomLabels, RoomOf } from './live/entity-of.js';
export type { LeaveReason } from './live/leave-reason.js';
export {
  testEntity,
  TestEntity,
  type TestEntityOptions,
  type TestPush,
  type TestSentCall,
  testRoom,
  TestRoom,
} from './testing/test-entity.js';
