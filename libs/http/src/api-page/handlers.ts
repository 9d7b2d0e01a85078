import type { INestApplication, Type } from '@nestjs/common';
import { GUARDS_METADATA, PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { DECORATORS } from '@nestjs/swagger';
import { type DtoClass, isDtoClass } from '@ccgame/rpc';
import { errorCodesOf } from './answers-errors.js';

/** The declarations of a controller's method, by Nest's decorators. */
export interface DeclaredHandler {
  /** The class of the whole body; undefined where there is none, or only fields of it are asked for. */
  body?: DtoClass;
  query?: DtoClass;
  guards: readonly unknown[];
  /** The class of an answer by its status; `isArray`: a list of it. */
  answers: Record<string, { type?: unknown; isArray?: boolean }>;
  /** Codes of the error catalogue. */
  errors: readonly string[];
}

/** The id of a handler in the API document. */
export function operationIdOf(controller: string, method: string): string {
  return `${controller}_${method}`;
}

/** By the operation's id in the document. */
export function findHandlers(app: INestApplication): Map<string, DeclaredHandler> {
  const handlers = new Map<string, DeclaredHandler>();
  const scanner = new MetadataScanner();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      const controller = metatype as Type;
      for (const method of scanner.getAllMethodNames(controller.prototype as object)) {
        handlers.set(operationIdOf(controller.name, method), declaredHandler(controller, method));
      }
    }
  }
  return handlers;
}

function declaredHandler(controller: Type, method: string): DeclaredHandler {
  const prototype = controller.prototype as Record<string, object>;
  const handler = prototype[method];
  const types = metadata<unknown[]>(PARAMTYPES_METADATA, prototype, method) ?? [];
  const declared = metadata<Record<string, { index: number; data?: unknown }>>(
    ROUTE_ARGS_METADATA,
    controller,
    method,
  );
  const args = Object.entries(declared ?? {}).map(([key, arg]) => ({
    ...arg,
    kind: Number(key.split(':', 1)[0]),
  }));
  const dtoOf = (kind: RouteParamtypes): DtoClass | undefined =>
    args
      .filter((arg) => arg.kind === Number(kind) && arg.data === undefined)
      .map(({ index }) => types[index])
      .find(isDtoClass);
  return {
    body: dtoOf(RouteParamtypes.BODY),
    query: dtoOf(RouteParamtypes.QUERY),
    guards: [controller, handler].flatMap((target) => metadata<unknown[]>(GUARDS_METADATA, target) ?? []),
    answers: metadata(DECORATORS.API_RESPONSE, handler) ?? {},
    errors: [controller, handler].flatMap(errorCodesOf),
  };
}

function metadata<T>(key: string, target: object, property?: string): T | undefined {
  const found: unknown =
    property === undefined ? Reflect.getMetadata(key, target) : Reflect.getMetadata(key, target, property);
  return found as T | undefined;
}
