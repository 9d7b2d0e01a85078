import { Global, Module } from '@nestjs/common';
import { ReleasesModule } from '@ccgame/releases';
import { Drain } from './stop/drain.js';
import { Readiness } from './readiness.js';
import { WorkLeftController } from './work/work-left.controller.js';
import { WorkLeft } from './work/work-left.js';

/**
 * The parts of every server beside its own work: readiness, drain, what it still holds, and the release table that says whom its
 * calls go to.
 */
@Global()
@Module({
  imports: [ReleasesModule],
  controllers: [WorkLeftController],
  providers: [Readiness, Drain, WorkLeft],
  exports: [Readiness, Drain, WorkLeft],
})
export class ServerModule {}
