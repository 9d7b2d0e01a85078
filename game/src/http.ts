import type { HttpOptions } from '@ccgame/http';

/** What the http servers are to know of the game. */
export const http: HttpOptions = {
  title: 'ccgame',
  description: 'The short connections of the game: login, client configuration, match results, leaderboards.',
  // For two tabs on a laptop; `npm run build` bundles it.
  pages: [{ name: 'play', folder: 'dist/play' }],
};
