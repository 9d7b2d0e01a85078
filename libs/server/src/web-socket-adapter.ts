import type { INestApplication, INestMicroservice, WebSocketAdapter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

/** Injection token: a module that provides it decides what carries the server's `@WebSocketGateway()` classes. */
export const WEB_SOCKET_ADAPTER = Symbol('WEB_SOCKET_ADAPTER');

/** Gives the application the adapter that one of its modules provides; a server without WebSockets has none. */
export function useProvidedAdapter(app: INestApplication | INestMicroservice): void {
  const adapter = providedAdapter(app.get(ModuleRef));
  if (adapter) app.useWebSocketAdapter(adapter);
}

/** The application's own `get` logs an error for what is not there. */
function providedAdapter(modules: ModuleRef): WebSocketAdapter | undefined {
  try {
    return modules.get<WebSocketAdapter>(WEB_SOCKET_ADAPTER, { strict: false });
  } catch {
    return undefined;
  }
}
