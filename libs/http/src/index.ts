export { bearerOf } from './bearer.js';
export { factsOf } from './facts-of.js';
export { HttpModule } from './http.module.js';
export type { HttpOptions, StaticPage } from './http-options.js';
export { httpSetup } from './http-setup.js';
export { type LimitName, LimitBy } from './limits/limit-by.js';
export { RateLimitGuard } from './limits/rate-limit.guard.js';
export { ServerKeyGuard } from './server-key/server-key.guard.js';
