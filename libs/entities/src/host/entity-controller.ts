import { Controller, Inject, type Type } from '@nestjs/common';
import { ClientHandler, type HandlerContract, rpcContext, ServerHandler } from '@ccgame/rpc';
import { type EntityClass, handlersOf, markOf } from '../contract/decorators.js';
import { type EntityHandlerInfo, entityInfoOf, idIn } from '../contract/entity-contract.js';
import { afterOf, callIdOf, entityIdOf, isOfServer, sourceOf } from '../call/call-attributes.js';
import { EntityHost } from './entity-host.js';

/** The calls of one handler that the engine has at a time; what is stored in groups waits together. */
const limits = { concurrency: 10_000, queue: 0 };

/**
 * A Nest controller for an entity's class: it has a method for each handler, with the guards, pipes, interceptors and filters
 * that stand at the class and its methods, and passes what came through to the entity.
 */
export function entityControllerOf(entityClass: EntityClass): Type {
  const { contract } = markOf(entityClass);
  assertHandles(entityClass);
  class EntityController {
    constructor(readonly host: EntityHost) {}
  }
  Controller()(EntityController);
  Inject(EntityHost)(EntityController, undefined, 0);
  copyMetadata(entityClass, EntityController);
  const { create, join, leave, reserve, settle, asksForView } = contract;
  for (const builtIn of [create, join, leave, reserve, settle, asksForView]) {
    if (builtIn) addHandler(EntityController, builtIn.handler, builtIn);
  }
  for (const { contract: handler, method } of handlersOf(entityClass)) {
    addHandler(EntityController, method, handler, (entityClass.prototype as Record<string, object>)[method]);
  }
  return EntityController;
}

/**
 * A mistake would show as NO_SERVER, some seconds after a player's call.
 *
 * @throws Error for a handler without a method, and for a method of another entity's handler
 */
function assertHandles(entityClass: EntityClass): void {
  const { contract } = markOf(entityClass);
  const marked = handlersOf(entityClass);
  const foreign = marked.find(({ contract: one }) => (entityInfoOf(one)?.entity ?? contract) !== contract);
  if (foreign)
    throw new Error(
      `${entityClass.name}.${foreign.method}: ${foreign.contract.handler} is no handler of ${contract.name}`,
    );
  const missing = [...contract.handlers].filter((one) => !marked.some((mark) => mark.contract === one));
  if (missing.length > 0)
    throw new Error(
      `${entityClass.name} has no method with @Handles for ${missing.map(({ handler }) => handler).join(', ')}`,
    );
}

function addHandler(controller: Type, method: string, contract: HandlerContract, marked?: object): void {
  const info = entityInfoOf(contract);
  if (!info)
    throw new Error(
      `${contract.handler} is no handler of an entity: declare it with entity(…).clientHandler`,
    );
  const value = function (this: { host: EntityHost }, payload: unknown): Promise<unknown> {
    return passOn(this.host, info, method, payload);
  };
  const descriptor = { value, writable: true, configurable: true };
  // Not by the method's name: it may be `host`, and one method may answer two handlers.
  const name = `${method}:${contract.handler}`;
  Object.defineProperty(controller.prototype, name, descriptor);
  (contract.scope === 'client' ? ClientHandler : ServerHandler)(contract, limits)(
    controller.prototype as object,
    name,
    descriptor,
  );
  if (marked) copyMetadata(marked, value);
}

async function passOn(
  host: EntityHost,
  info: EntityHandlerInfo,
  method: string,
  payload: unknown,
): Promise<unknown> {
  const { attributes } = rpcContext.get();
  const { entity, builtIn, idField, input, mayBeUnnamed } = info;
  const named = idField === undefined ? undefined : idIn(payload, idField, mayBeUnnamed);
  const id = named ?? entityIdOf(attributes);
  return host.receive(entity.keyOf(id), {
    entity: entity.name,
    id,
    method,
    builtIn,
    payload,
    input,
    asked: isOfServer(attributes) ? 'by-server' : named === undefined ? 'by-binding' : 'by-id',
    p: attributes.uid,
    c: callIdOf(attributes),
    s: sourceOf(attributes),
    after: afterOf(attributes),
  });
}

/** Nest's decorators leave their marks as metadata of a class, or of a method's function. */
function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from) as string[]) {
    if (key.startsWith('design:') || key === 'self:paramtypes') continue;
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
