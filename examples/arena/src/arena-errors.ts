import { defineErrors } from '@ccgame/rpc';

/** The arena's own errors. @example `throw ArenaErrors.NOT_IN_ARENA()` */
export const ArenaErrors = defineErrors({
  NOT_IN_ARENA: { message: 'You have no disc in this arena', status: 403 },
});
