import { BaseRpcExceptionFilter } from '@nestjs/microservices';
import { RpcContextCreator } from '@nestjs/microservices/context/rpc-context-creator.js';
import { STATIC_CONTEXT } from '@nestjs/core/internal';
import { throwError, type Observable } from 'rxjs';

// The two places where this engine reaches behind Nest's public interface; docs/decisions says why. Where a later Nest
// has something else there, handlers run through Nest's own pipeline as ever, and errors arrive without their incident.

/** A controller method that Nest would call with nothing before, around or after it. */
export type DirectMethod = (payload: unknown, context: unknown) => unknown;

const direct = new WeakMap<object, DirectMethod>();
let installed = false;

/** Has to run before Nest registers the handlers. */
export function installNestHooks(): void {
  if (installed) {
    return;
  }
  installed = true;
  passErrorsThrough();
  noteBareMethods();
}

/**
 * The method behind a handler that Nest registered, if no guard, pipe, interceptor, filter, hook or parameter decorator
 * applies to it. Nest's pipeline makes some fourteen promises a call even then, and each costs extra once
 * AsyncLocalStorage is in use.
 */
export function directMethodOf(handler: object): DirectMethod | undefined {
  return direct.get(handler);
}

/**
 * Lets a handler's error through Nest's last filter as it is. That filter replaces everything by the text "Internal server
 * error" before a transport sees it, so no id could tie the answer to the log. Filters of the app are asked first, as ever.
 */
function passErrorsThrough(): void {
  BaseRpcExceptionFilter.prototype.catch = function (exception: unknown): Observable<never> {
    return throwError(() => exception);
  };
}

type Create = RpcContextCreator['create'];

/** The parts of a handler's pipeline, from Nest's own creators: the same objects, asked the same way, a second time. */
interface Creators {
  guardsContextCreator: Enhancers;
  pipesContextCreator: Enhancers;
  interceptorsContextCreator: Enhancers;
  exceptionFiltersContext: { create(...args: unknown[]): { filters: unknown[] } };
  applicationConfig?: { getGlobalPreRequestHooks(): unknown[] };
}
interface Enhancers {
  create(...args: unknown[]): unknown[];
}

function noteBareMethods(): void {
  const original: Create = Reflect.get(RpcContextCreator.prototype, 'create');
  RpcContextCreator.prototype.create = function (this: RpcContextCreator, ...args: Parameters<Create>) {
    const handler = original.apply(this, args);
    const [instance, callback, module, methodName, contextId = STATIC_CONTEXT, , defaults = {}] = args;
    const isStatic = contextId === STATIC_CONTEXT;
    const parameters = this.getMetadata(instance, methodName, defaults, 'rpc').getParamsMetadata(module);
    const takesPayload = parameters.length === 1 && isBarePayload(parameters[0]);
    if (isStatic && takesPayload && isBare(this as unknown as Creators, instance, callback, module)) {
      direct.set(handler, (payload) => callback.call(instance, payload));
    }
    return handler;
  } as Create;
}

const payloadType = 3;

function isBarePayload(parameter: {
  index: number;
  type: unknown;
  data?: unknown;
  pipes: unknown[];
}): boolean {
  const { index, type, data, pipes } = parameter;
  return index === 0 && type === payloadType && data === undefined && pipes.length === 0;
}

function isBare(creators: Creators, ...handler: [unknown, unknown, unknown]): boolean {
  return (
    creators.guardsContextCreator.create(...handler).length === 0 &&
    creators.pipesContextCreator.create(...handler).length === 0 &&
    creators.interceptorsContextCreator.create(...handler).length === 0 &&
    creators.exceptionFiltersContext.create(...handler).filters.length === 0 &&
    creators.applicationConfig?.getGlobalPreRequestHooks().length === 0
  );
}
