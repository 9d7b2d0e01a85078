export { type AccountsOptions, type GuestOptions, GUEST_OPTIONS } from './accounts-options.js';
export { AccountsModule } from './accounts.module.js';
export { accountStreams, GuestAccounts } from './guests/guest-accounts.js';
export { LoginDto } from './guests/login.dto.js';
