import { type Dashboard, gaugeBy, graph, rateBy } from '../panels.js';

export const boards: Dashboard = {
  uid: 'ccgame-boards',
  title: 'ccgame: leaderboards',
  description: 'Results that come in, and the boards that show them.',
  panels: [
    graph(
      'Results submitted',
      'ops',
      'busy: not known to be stored, so it comes again.',
      rateBy('ccgame_leaderboards_results_total', 'outcome', '{{outcome}}'),
    ),
    graph(
      'Results counted',
      'ops',
      'By board; several boards may count the same.',
      rateBy('ccgame_leaderboards_counted_total', 'board', '{{board}}'),
    ),
    graph(
      'Not counted',
      'ops',
      'Tries that failed, and results that can’t be read and were left out.',
      rateBy('ccgame_leaderboards_count_failures_total', 'board, reason', '{{board}} {{reason}}'),
      rateBy('ccgame_leaderboards_skipped_total', 'board', '{{board}} left out'),
    ),
    graph(
      'Players held',
      'short',
      'By each server, in the newest two periods.',
      gaugeBy('max', 'ccgame_leaderboards_players', 'board', '{{board}}'),
    ),
  ],
};
