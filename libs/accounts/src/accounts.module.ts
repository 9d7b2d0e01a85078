import { type DynamicModule, Module } from '@nestjs/common';
import { StoredRecords } from '@ccgame/jetstream';
import { SanctionsModule, TokenSigner } from '@ccgame/sessions';
import { type AccountsOptions, defaultGuests, GUEST_OPTIONS } from './accounts-options.js';
import { ClientConfigController } from './client-config/client-config.controller.js';
import { GuestAccounts } from './guests/guest-accounts.js';
import { LoginController } from './guests/login.controller.js';

/** Players' short connections: login, and which version to use at which address. For a server with `HttpModule`. */
@Module({ controllers: [ClientConfigController] })
export class AccountsModule {
  static forRoot({ guests = defaultGuests }: AccountsOptions = {}): DynamicModule {
    if (guests === false) return { module: AccountsModule };
    return {
      module: AccountsModule,
      imports: [SanctionsModule],
      controllers: [LoginController],
      providers: [{ provide: GUEST_OPTIONS, useValue: guests }, GuestAccounts, StoredRecords, TokenSigner],
    };
  }
}
