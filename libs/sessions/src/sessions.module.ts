import { Global, Module } from '@nestjs/common';
import { PushService } from './push/push.service.js';

/** What every server needs to reach players. */
@Global()
@Module({ providers: [PushService], exports: [PushService] })
export class SessionsModule {}
