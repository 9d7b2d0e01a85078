import { Global, Module } from '@nestjs/common';
import { ONCE_GUARD } from '@ccgame/rpc';
import { SessionData } from './data/session-data.js';
import { Groups } from './groups/groups.service.js';
import { OnceStore } from './once/once-store.js';
import { PushService } from './push/push.service.js';

/** The providers that every server needs to reach players. */
@Global()
@Module({
  providers: [PushService, Groups, SessionData, { provide: ONCE_GUARD, useClass: OnceStore }],
  exports: [PushService, Groups, SessionData, ONCE_GUARD],
})
export class SessionsModule {}
