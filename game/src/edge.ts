import type { EdgeOptions } from '@ccgame/edge';
import { clientHandlers } from './contracts.js';
import { route } from './route.js';
import { routeLimits } from './route-limits.js';

/** The game's part of the connector. */
export const edge: EdgeOptions = { handlers: Object.values(clientHandlers), route, routeLimits };
