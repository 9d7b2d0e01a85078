import type { EdgeOptions } from '@ccgame/edge';
import { clientHandlers } from './contracts.js';
import { route } from './route.js';
import { routeLimits } from './route-limits.js';

/** What the connector is to know of the game. */
export const edge: EdgeOptions = { handlers: Object.values(clientHandlers), route, routeLimits };
