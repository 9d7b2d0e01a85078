import { Global, Module } from '@nestjs/common';
import { Groups } from './groups/groups.service.js';
import { PushService } from './push/push.service.js';

/** What every server needs to reach players. */
@Global()
@Module({ providers: [PushService, Groups], exports: [PushService, Groups] })
export class SessionsModule {}
