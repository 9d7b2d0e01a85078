import { type HttpOptions, pagesIn } from '@ccgame/http';

/** The game's options for the http servers. */
export const http: HttpOptions = {
  title: 'ccgame',
  description: 'The short connections of the game: login, client configuration, match results, leaderboards.',
  contracts: () => import('./contracts.js'),
  // On a laptop; `npm run build` bundles them.
  pages: pagesIn('dist/pages'),
  startPage: 'start',
};
