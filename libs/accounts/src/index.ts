export { ClientConfigController } from './client-config/client-config.controller.js';
export { GuestAccounts } from './guest-accounts.js';
export { LoginDto, LoginResult, MatchResultDto, PlayerScoreDto } from './http.js';
export { LoginController } from './login.controller.js';
