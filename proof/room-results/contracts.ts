import { entity } from '@ccgame/entities';

export const table = entity({ serverType: 'cards', name: 'table' });
/** The round ends, each player has so many points, and the room is no more. */
export const endRound = table.serverHandler('end_round', { payload: Number });
