import { Injectable } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';

/**
 * Nest's side of the engine: subscribes the handlers of this process.
 * Use: `app.connectMicroservice({ strategy: app.get(RpcServer) }, { inheritAppConfig: true })`.
 */
@Injectable()
export class RpcServer extends Server implements CustomTransportStrategy {
  listen(callback: (error?: unknown) => void): void {
    callback();
  }

  /** Takes no more calls, lets the running ones finish, answers GONE for those that don't in time. */
  async close(): Promise<void> {}

  /** Takes the calls for a key, in handlers that are `keyed`; resolved when NATS knows. Illegal key: RpcError INVALID. */
  async ownKey(_key: string): Promise<void> {}

  /** Takes no more calls for a key; resolved when those that were on the way are finished. */
  async disownKey(_key: string): Promise<void> {}

  on(): never {
    throw new Error('The RPC server has no events; NatsHealth tells of the connection');
  }

  unwrap<T>(): T {
    throw new Error('Inject NATS_CONNECTION instead');
  }
}
