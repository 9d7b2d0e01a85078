export {
  type BoardEntry,
  type Day,
  type SettledBoard,
  boardKey,
  boardsBucket,
  dayOf,
  rankPlayers,
} from './boards.js';
export { LeaderboardController } from './leaderboard.controller.js';
export { LiveBoards } from './live-boards.js';
export { SettleLeaderboardJob } from './settle-leaderboard.job.js';
export { SettledBoards } from './settled-boards.js';
