import type { INestApplicationContext, WebSocketAdapter } from '@nestjs/common';

/** Injection token: a module that provides it decides what carries the server's `@WebSocketGateway()` classes. */
export const WEB_SOCKET_ADAPTER = Symbol('WEB_SOCKET_ADAPTER');

/** Undefined: the server has no WebSockets. */
export function webSocketAdapterOf(app: INestApplicationContext): WebSocketAdapter | undefined {
  try {
    return app.get<WebSocketAdapter>(WEB_SOCKET_ADAPTER, { strict: false });
  } catch {
    return undefined;
  }
}
