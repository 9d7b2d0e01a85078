import { Global, Module } from '@nestjs/common';
import { ReleasesModule } from '@ccgame/releases';
import { Drain } from './drain.js';
import { Readiness } from './readiness.js';

/** The parts of every server beside its own work: readiness, drain, and the release table that says whom its calls go to. */
@Global()
@Module({ imports: [ReleasesModule], providers: [Readiness, Drain], exports: [Readiness, Drain] })
export class ServerModule {}
