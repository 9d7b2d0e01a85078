import { Injectable } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { GATEWAY_METADATA } from '@nestjs/websockets/constants.js';
import type { Server } from 'socket.io';
import { callBareHandlersDirectly } from './bare-handlers.js';
import type { PlayerSession } from './player-session.js';
import { SocketErrors } from './socket-errors.filter.js';

type ConnectHandler = (session: PlayerSession) => void;

/**
 * Carries every `@WebSocketGateway()` of the connector on the one players' socket. Gateways get the player's session in place of
 * socket.io's socket, and only after its admission; their events come one by one from `EventDispatcher`.
 */
@Injectable()
export class PlayerSocketAdapter extends IoAdapter {
  private server?: Server;
  private readonly connectHandlers: ConnectHandler[] = [];

  constructor(modules: ModulesContainer) {
    super();
    callBareHandlersDirectly();
    // Before Nest reads the gateways' decorators.
    for (const { providers } of modules.values()) {
      for (const { metatype } of providers.values()) if (isGateway(metatype)) answerErrorsOf(metatype);
    }
  }

  /** @param server the players' sockets, which their owner opens and closes */
  serveGateways(server: Server): void {
    this.server = server;
  }

  /** The session was admitted: gateways learn of it, and bind their handlers to it. @throws Error where Nest does not use this adapter */
  connectSession(session: PlayerSession): void {
    if (this.connectHandlers.length === 0) {
      throw new Error(
        'The application must use the PlayerSocketAdapter: runServer does so, or app.useWebSocketAdapter',
      );
    }
    for (const handle of this.connectHandlers) handle(session);
  }

  override create(port: number, options: { namespace?: string; path?: string } = {}): Server {
    if (port !== 0 || options.namespace !== undefined || options.path !== undefined || !this.server) {
      throw new Error(
        'A gateway shares the players’ socket: its @WebSocketGateway() has no port, namespace or path',
      );
    }
    return this.server;
  }

  override bindClientConnect(_server: unknown, handle: ConnectHandler): void {
    this.connectHandlers.push(handle);
  }

  override bindClientDisconnect(session: unknown, onGone: (reason: string) => void): void {
    (session as PlayerSession).ending.whenGone(onGone);
  }

  override bindMessageHandlers(session: unknown, handlers: MessageMappingProperties[]): void {
    const of = session as PlayerSession;
    of.handlers = of.handlers.concat(handlers);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}

function isGateway(metatype: unknown): metatype is object {
  return typeof metatype === 'function' && Reflect.hasMetadata(GATEWAY_METADATA, metatype);
}

/** As the last of a gateway's own filters: Nest asks the last one of the list first. */
function answerErrorsOf(gateway: object): void {
  const own = (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, gateway) ?? []) as unknown[];
  if (own.some((filter) => filter instanceof SocketErrors)) return;
  Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [new SocketErrors(), ...own], gateway);
}
