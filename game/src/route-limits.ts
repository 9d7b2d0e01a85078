import type { RouteLimit } from '@ccgame/edge';

/** Routes that a player may call less often than the session's limit allows. */
export const routeLimits: Record<string, RouteLimit> = {
  'matching.user_join_matching': { perSecond: 5, burst: 20 },
  // It takes the server some milliseconds.
  'matching.explain': { perSecond: 0.5, burst: 5 },
};
