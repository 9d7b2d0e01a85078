import { Global, Module } from '@nestjs/common';
import { VERSION_RESOLVER } from '@ccgame/rpc';
import { RememberedReleaseController } from './remembered/remembered-release.controller.js';
import { ReleaseService } from './release.service.js';
import { TrafficController } from './traffic/traffic.controller.js';
import { TrafficCounter } from './traffic/traffic-counter.js';

/** The release table in a server, and RPC's choice of version by it. */
@Global()
@Module({
  controllers: [RememberedReleaseController, TrafficController],
  providers: [
    ReleaseService,
    TrafficCounter,
    {
      provide: VERSION_RESOLVER,
      inject: [ReleaseService],
      useFactory: ({ resolveVersion }: ReleaseService) => resolveVersion,
    },
  ],
  exports: [ReleaseService, TrafficCounter, VERSION_RESOLVER],
})
export class ReleasesModule {}
