import type { EdgeOptions } from '@ccgame/edge';
import { clientHandlers } from './contracts.js';
import { route } from './route.js';
import { routeLimits } from './route-limits.js';

/** The game's part of the connector. `chat: ['lobby.say']` names the routes that a muted player may not call. */
export const edge: EdgeOptions = { handlers: Object.values(clientHandlers), route, routeLimits };
