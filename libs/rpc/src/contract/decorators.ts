import { MessagePattern } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { HandlerContract } from './contract.js';

/** Bounds of one handler; what is not given comes from the module's options. */
export interface HandlerLimits {
  /** How many calls run at once. */
  concurrency?: number;
  /** How many more wait before the next is refused with BUSY. */
  queue?: number;
}

/** A controller method that fits a contract: the payload first, then whatever Nest's parameter decorators fill. */
export type HandlerMethod<P, R> = (
  payload: P,
  ...rest: never[]
) => R | Promise<R> | Observable<R> | Promise<Observable<R>>;

type HandlerDecorator<P, R> = <M extends HandlerMethod<P, R>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** The mark that our decorators leave on the method; `RpcServer` finds it in Nest's pattern. */
export interface ContractPattern {
  readonly contract: HandlerContract;
}

/** Marks the method that answers a contract made with `clientHandler`. */
export function ClientHandler<P, R>(
  contract: HandlerContract<P, R>,
  limits: HandlerLimits = {},
): HandlerDecorator<P, R> {
  return markHandler('client', contract, limits);
}

/** Marks the method that answers a contract made with `serverHandler`. */
export function ServerHandler<P, R>(
  contract: HandlerContract<P, R>,
  limits: HandlerLimits = {},
): HandlerDecorator<P, R> {
  return markHandler('server', contract, limits);
}

function markHandler<P, R>(
  scope: string,
  contract: HandlerContract<P, R>,
  limits: HandlerLimits,
): HandlerDecorator<P, R> {
  if (contract.scope !== scope) {
    throw new Error(
      `${contract.serverType}.${contract.handler} is a ${contract.scope} handler, decorated as a ${scope} handler`,
    );
  }
  return MessagePattern({ contract } satisfies ContractPattern, limits);
}
