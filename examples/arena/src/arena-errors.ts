import { defineErrors } from '@ccgame/rpc';

export const ArenaErrors = defineErrors({
  NOT_IN_ARENA: { message: 'You have no disc in this arena', status: 403 },
});
