export {
  clientHandler,
  serverHandler,
  type DtoClass,
  type HandlerContract,
  type HandlerScope,
  type NamedContract,
  type Resend,
  type Shape,
  type ShapeOf,
} from './contract/contract.js';
export { ClientHandler, ServerHandler, type HandlerLimits } from './contract/decorators.js';
export {
  defineErrors,
  httpStatusOf,
  RpcError,
  type EngineErrorCode,
  type PublicError,
  type RpcErrorOptions,
} from './errors.js';
export { rpcContext, type RpcContext } from './context.js';
export { clientTarget } from './contract/client-target.js';
export type { HandlerRef, ServerIdTarget, ServerTypeTarget, Target } from './contract/target.js';
export { NATS_CONNECTION } from './nats/nats-connection.js';
export { NatsHealth } from './nats/nats-health.js';
export { RPC_OPTIONS, type ResolvedRpcOptions, type RpcOptions, type ServerIdentity } from './options.js';
export {
  RpcService,
  VERSION_RESOLVER,
  type CallOptions,
  type GatherOptions,
  type VersionResolver,
} from './call/rpc.service.js';
export type { Gathered } from './call/gathering.js';
export { sentError, type SentError } from './serve/reply-error.js';
export { ONCE_GUARD, type OnceGuard } from './serve/once-guard.js';
export { RpcHandlerContext } from './serve/job.js';
export { RpcServer } from './serve/rpc.server.js';
export { RpcModule } from './rpc.module.js';
export { ensureAlways, type EnsureOptions } from './jetstream/ensure-always.js';
export { StorageProblem } from './jetstream/storage-problem.js';
export { bucketProbe, bucketStream, ensureBucket } from './jetstream/ensure-bucket.js';
export { ensureStream } from './jetstream/ensure-stream.js';
export { DirectReader, NotRead, type StandingRecord } from './jetstream/direct-reader.js';
export { NatsClock } from './jetstream/nats-clock.js';
export { written } from './jetstream/written.js';
export { StreamFollower, type FollowOptions } from './jetstream/follow-stream.js';
export { republished, StoredMessage } from './jetstream/stored-message.js';
export { privateInbox } from './nats/private-inbox.js';
export { checkWhole, longestTimerMs } from './names/check-whole.js';
export { checkName } from './names/check-name.js';
export { decodePlayerId, encodePlayerId } from './names/player-id.js';
export { showValue } from './names/show-value.js';
export { IsName } from './validation/is-name.js';
export { encodeJson } from './wire/wire-body.js';
export { oneHeader } from './wire/wire-headers.js';
export { type FieldProblem, invalid } from './validation/invalid.js';
export { inputBounds, isWithin, type JsonBounds } from './validation/json-bounds.js';
export { payloadCheckOf, type PayloadCheck } from './validation/payload-check.js';
