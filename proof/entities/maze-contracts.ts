import { entity } from '@ccgame/entities';

export const maze = entity({ serverType: 'play', name: 'maze', partitions: 4 });
/** `for ever` never ends; `for a second` does, and `at the next tick` loops there. */
export const walkIn = maze.serverHandler('walk', { payload: String });
export const ticksOf = maze.serverHandler('ticks', { result: Number, input: 'query' });
