import { SkipThrottle } from '@nestjs/throttler';

/** The thing that is counted, within a minute and by all http servers: see `rateLimits`. */
export const limitNames = [
  'loginsOfAddress',
  'loginsOfDevice',
  'resultsOfKey',
  'wrongKeysOfAddress',
] as const;
/** The limits that a route may name with `@LimitBy`. */
export type LimitName = (typeof limitNames)[number];

/** Names the limits that hold for a route or controller with {@link RateLimitGuard}; no others do. */
export function LimitBy(...names: LimitName[]): ClassDecorator & MethodDecorator {
  return SkipThrottle(Object.fromEntries(limitNames.map((name) => [name, !names.includes(name)])));
}
