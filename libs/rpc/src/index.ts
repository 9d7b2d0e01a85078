export type { Gathered } from './call/gathering.js';
export type { ReachableServer } from './call/reachable-servers.js';
export {
  type CallOptions,
  type OwnerCallOptions,
  type GatherOptions,
  RpcService,
  VERSION_RESOLVER,
  type VersionResolver,
} from './call/rpc.service.js';
export { type ServedCall, untilServed } from './call/until-served.js';
export { callingPlayer } from './calling-player.js';
export { type RpcContext, rpcContext } from './context.js';
export { clientTarget } from './contract/client-target.js';
export {
  type BoundThing,
  type CallLimit,
  type DtoClass,
  type HandlerContract,
  type HandlerScope,
  type NamedContract,
  type PushesOf,
  type RequestsOf,
  type RetryPolicy,
  type Shape,
  type ShapeOf,
  clientHandler,
  serverHandler,
} from './contract/contract.js';
export { ClientHandler, type HandlerLimits, ServerHandler } from './contract/decorators.js';
export type { HandlerRef, ServerIdTarget, ServerTypeTarget, Target } from './contract/target.js';
export {
  type EngineErrorCode,
  type PublicError,
  RpcError,
  type RpcErrorOptions,
  asRpcError,
  codeOf,
  defineErrors,
  describeErrors,
  httpStatusOf,
  isPermanent,
} from './errors.js';
export { codeLabel } from './metrics/code-label.js';
export { DurationFigures, durationBuckets } from './metrics/duration-figures.js';
export { declarePlainMetrics, histogramSamples } from './metrics/plain-metrics.js';
export { checkName } from './names/check-name.js';
export { longestTimerMs } from './basics/longest-timer.js';
export { checkWhole } from './names/check-whole.js';
export { decodePlayerId, encodePlayerId } from './names/player-id.js';
export { RPC_OPTIONS, type ResolvedRpcOptions, type RpcOptions, type ServerIdentity } from './options.js';
export { RpcModule } from './rpc.module.js';
export { RpcHandlerContext } from './serve/job.js';
export { ONCE_GUARD, type OnceGuard } from './serve/once-guard.js';
export { type SentError, sentError } from './serve/reply-error.js';
export { RpcServer } from './serve/rpc.server.js';
export { DtoSchemas, type DtoSchemaOptions, type PropertySchema } from './validation/dto-schema.js';
export { isDtoClass } from './validation/dto-rules.js';
export { type FieldProblem, invalid } from './validation/invalid.js';
export { IsName } from './validation/is-name.js';
export { problemsOfException } from './validation/nest-problems.js';
export { type JsonBounds, inputBounds, isWithin } from './validation/json-bounds.js';
export { isCompilable, type PayloadCheck, payloadCheckOf } from './validation/payload-check.js';
export type { Schema } from './validation/rule-keywords.js';
export { slowLog } from './slow/slow-log.js';
export {
  contextWithin,
  endSpan,
  isTracing,
  openTrace,
  runWithin,
  startOwnTrace,
  startSpan,
} from './trace/spans.js';
export { traceIdOf } from './trace/traceparent.js';
export { assertData } from './wire/assert-data.js';
export { aliveSubject } from './wire/subjects.js';
export { encodeJson } from './wire/wire-body.js';
export { JsonText } from './wire/json-text.js';
export { headersOf, oneHeader } from './wire/header-block.js';
