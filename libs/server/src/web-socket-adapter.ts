import type { INestApplicationContext, WebSocketAdapter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

/** Injection token: a module that provides it decides what carries the server's `@WebSocketGateway()` classes. */
export const WEB_SOCKET_ADAPTER = Symbol('WEB_SOCKET_ADAPTER');

/** Undefined: the server has no WebSockets. */
export function webSocketAdapterOf(app: INestApplicationContext): WebSocketAdapter | undefined {
  // The application's own `get` logs an error for what is not there.
  const modules = app.get(ModuleRef);
  try {
    return modules.get<WebSocketAdapter>(WEB_SOCKET_ADAPTER, { strict: false });
  } catch {
    return undefined;
  }
}
