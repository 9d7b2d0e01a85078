import type { HttpOptions } from '@ccgame/http';

/** The game's options for the http servers. */
export const http: HttpOptions = {
  title: 'ccgame',
  description: 'The short connections of the game: login, client configuration, match results, leaderboards.',
  contracts: () => import('./contracts.js'),
  // On a laptop; `npm run build` bundles them.
  pages: ['start', 'arena', 'play', 'guide'].map((name) => ({ name, folder: `dist/pages/${name}` })),
  startPage: 'start',
};
