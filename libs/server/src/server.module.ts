import { Global, Module } from '@nestjs/common';
import { Drain } from './drain.js';
import { Readiness } from './readiness.js';

/** The parts of every server beside its own work. */
@Global()
@Module({ providers: [Readiness, Drain], exports: [Readiness, Drain] })
export class ServerModule {}
