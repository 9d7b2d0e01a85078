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
} from './contract.js';
export { ClientHandler, ServerHandler, type HandlerLimits } from './decorators.js';
export {
  defineErrors,
  RpcError,
  type EngineErrorCode,
  type PublicError,
  type RpcErrorOptions,
} from './errors.js';
export { rpcContext, type RpcContext } from './context.js';
export { clientTarget } from './client-target.js';
export type { HandlerRef, ServerIdTarget, ServerTypeTarget, Target } from './target.js';
export { NATS_CONNECTION } from './nats-connection.js';
export { NatsHealth } from './nats-health.js';
export { RPC_OPTIONS, type ResolvedRpcOptions, type RpcOptions, type ServerIdentity } from './options.js';
export {
  RpcService,
  VERSION_RESOLVER,
  type CallOptions,
  type GatherOptions,
  type VersionResolver,
} from './rpc.service.js';
export type { Gathered } from './gathering.js';
export { ONCE_GUARD, type OnceGuard } from './once-guard.js';
export { RpcHandlerContext } from './job.js';
export { RpcServer } from './rpc.server.js';
export { RpcModule } from './rpc.module.js';
export { ensureStream } from './jetstream/ensure-stream.js';
export { StreamFollower, type FollowOptions } from './jetstream/follow-stream.js';
