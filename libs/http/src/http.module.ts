import { type DynamicModule, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { ReleasesModule } from '@ccgame/releases';
import { ServerModule } from '@ccgame/server';
import { AnswerForwardedController } from './forwarding/answer-forwarded.controller.js';
import { ForwardRequests } from './forwarding/forward-requests.js';
import { VersionOfRequest } from './forwarding/version-of-request.js';
import { HTTP_OPTIONS, type HttpOptions } from './http-options.js';
import { rateLimits } from './limits/rate-limits.js';
import { LoadBalancerController } from './load-balancer.controller.js';

/**
 * The parts of every HTTP server around its controllers: problem details, limits, the version of a request, the API page. Its other
 * half is `httpSetup`, which `runServer` gets. It needs `TokensModule` beside it.
 */
@Module({
  imports: [
    ThrottlerModule.forRootAsync({ useFactory: rateLimits, inject: [NATS_CONNECTION, NatsHealth] }),
    ServerModule,
    ReleasesModule,
  ],
  controllers: [AnswerForwardedController, LoadBalancerController],
  providers: [VersionOfRequest, ForwardRequests],
})
export class HttpModule {
  /** Import it once, in the root module of a server type that speaks HTTP. */
  static forRoot(options: HttpOptions): DynamicModule {
    return { module: HttpModule, providers: [{ provide: HTTP_OPTIONS, useValue: options }] };
  }
}
