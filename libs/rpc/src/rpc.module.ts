import { Module, type DynamicModule } from '@nestjs/common';
import { connectNats, NATS_CONNECTION } from './nats-connection.js';
import { NatsHealth } from './nats-health.js';
import { resolveOptions, RPC_OPTIONS, type RpcOptions } from './options.js';
import { RpcServer } from './rpc.server.js';
import { RpcService } from './rpc.service.js';

/** The engine for a whole app: import it once, in the root module. */
@Module({})
export class RpcModule {
  static forRoot(options: RpcOptions = {}): DynamicModule {
    return {
      module: RpcModule,
      global: true,
      providers: [
        { provide: RPC_OPTIONS, useFactory: () => resolveOptions(options) },
        { provide: NATS_CONNECTION, useFactory: connectNats, inject: [RPC_OPTIONS] },
        NatsHealth,
        RpcService,
        RpcServer,
      ],
      exports: [NATS_CONNECTION, RPC_OPTIONS, NatsHealth, RpcService, RpcServer],
    };
  }
}
