import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '@ccgame/config';
import { closeNats, connectNats, NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { within } from './basics/within.js';
import { type ResolvedRpcOptions, resolveOptions, RPC_OPTIONS, type RpcOptions } from './options.js';
import { RpcServer } from './serve/rpc.server.js';
import { RpcService } from './call/rpc.service.js';

/** The engine for a whole app: import it once, in the root module. */
@Module({})
export class RpcModule implements OnApplicationShutdown {
  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {}

  static forRoot(options: RpcOptions = {}): DynamicModule {
    return {
      module: RpcModule,
      global: true,
      providers: [
        { provide: RPC_OPTIONS, useFactory: () => resolveOptions(options) },
        {
          provide: NATS_CONNECTION,
          useFactory: ({ natsAddress, identity, coalesceWrites }: ResolvedRpcOptions) =>
            connectNats({
              address: natsAddress,
              name: identity.serverId,
              serverType: identity.serverType,
              tlsCa: Config.NATS_TLS_CA,
              coalesceWrites,
            }),
          inject: [RPC_OPTIONS],
        },
        NatsHealth,
        RpcService,
        RpcServer,
      ],
      exports: [NATS_CONNECTION, RPC_OPTIONS, NatsHealth, RpcService, RpcServer],
    };
  }

  /** The connection's end is the engine's last act: whatever else uses NATS must be done by then. */
  async onApplicationShutdown(): Promise<void> {
    if (!this.nats.isClosed()) {
      const flushed = this.nats.flush().catch(() => undefined);
      await within(
        500,
        () => flushed,
        () => undefined,
      );
      await closeNats(this.nats);
    }
  }
}
