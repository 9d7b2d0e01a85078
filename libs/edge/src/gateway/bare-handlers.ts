import { STATIC_CONTEXT } from '@nestjs/core/internal';
import { WsContextCreator } from '@nestjs/websockets/context/ws-context-creator.js';
import { WsParamtype } from '@nestjs/websockets/enums/ws-paramtype.enum.js';
import { isObservable } from 'rxjs';

// Reaches behind Nest's public interface; decision 011 says why. Where a later Nest has something else there, handlers run
// through its own pipeline as ever.

type Create = WsContextCreator['create'];
type Handler = (...values: unknown[]) => unknown;

interface Parameter {
  index: number;
  type: number;
  /** The one field of the event's data that the handler asks for. */
  data?: unknown;
  pipes: unknown[];
  schema?: unknown;
}

/** The parts of a handler's pipeline, by Nest's own creators: the same objects, asked the same way, a second time. */
interface Creators {
  guardsContextCreator: Enhancers;
  pipesContextCreator: Enhancers;
  interceptorsContextCreator: Enhancers;
  exceptionFiltersContext: { create(...handler: unknown[]): unknown };
  /** Without it, a parameter has the list of all values copied for itself. */
  wsParamsFactory: { exchangeKeyForValue(type: number, data: unknown, values: unknown[]): unknown };
  wsProxy: { create(target: Handler, filters: unknown, pattern: string): Handler };
}
interface Enhancers {
  create(...handler: unknown[]): unknown[];
}

const plainTypes = new Set<unknown>([WsParamtype.SOCKET, WsParamtype.PAYLOAD, WsParamtype.ACK]);
let isInstalled = false;

/**
 * Lets a gateway's handler be called straight where no guard, pipe or interceptor applies to it; its filters stay. Nest's
 * pipeline makes some fifteen promises a message even then, and each costs extra once AsyncLocalStorage is in use. To be called
 * before Nest reads the gateways.
 */
export function callBareHandlersDirectly(): void {
  if (isInstalled) return;
  isInstalled = true;
  const original: Create = Reflect.get(WsContextCreator.prototype, 'create');
  WsContextCreator.prototype.create = function (this: WsContextCreator, ...args: Parameters<Create>) {
    const [instance, callback, module, methodName, contextId = STATIC_CONTEXT] = args;
    const { argsLength, getParamsMetadata } = this.getMetadata(instance, methodName, 'ws');
    const parameters = getParamsMetadata(module) as Parameter[];
    const creators = this as unknown as Creators;
    const isBare = contextId === STATIC_CONTEXT && !hasEnhancers(creators, instance, callback, module);
    if (!isBare || !parameters.every(isPlain)) return original.apply(this, args);
    const filters = creators.exceptionFiltersContext.create(instance, callback, module);
    const pattern = this.reflectCallbackPattern(callback);
    const none = new Array<unknown>(argsLength).fill(null);
    return bareHandler(
      (values) => {
        const own = none.slice();
        for (const { index, type, data } of parameters)
          own[index] = creators.wsParamsFactory.exchangeKeyForValue(type, data, values);
        return callback.apply(instance, own);
      },
      (outcome, values) => creators.wsProxy.create(outcome, filters, pattern)(...values),
    );
  } as Create;
}

/** @param settle hands an outcome that is still to come, or an error, to Nest's filters */
function bareHandler(
  call: (values: unknown[]) => unknown,
  settle: (outcome: () => unknown, values: unknown[]) => unknown,
): Handler {
  return (...values) => {
    try {
      const outcome = call(values);
      const isSettled = !(outcome instanceof Promise) && !isObservable(outcome);
      return isSettled ? outcome : settle(() => outcome, values);
    } catch (error) {
      return settle(() => {
        throw error;
      }, values);
    }
  };
}

function hasEnhancers(creators: Creators, ...handler: [unknown, unknown, unknown]): boolean {
  const { guardsContextCreator, pipesContextCreator, interceptorsContextCreator } = creators;
  return [guardsContextCreator, pipesContextCreator, interceptorsContextCreator].some(
    (one) => one.create(...handler).length > 0,
  );
}

/** The session, the event's data or its acknowledgement, as they are. */
function isPlain({ type, pipes, schema }: Parameter): boolean {
  return plainTypes.has(type) && pipes.length === 0 && schema === undefined;
}
