import { accountStreams } from '@ccgame/accounts';
import { entityStreams } from '@ccgame/entities';
import type { StreamDeclaration } from '@ccgame/jetstream';
import { leaderboardStreams } from '@ccgame/leaderboards';
import { matchmakerStreams } from '@ccgame/matchmaker';
import { releaseStreams } from '@ccgame/releases';
import { sessionStreams } from '@ccgame/sessions';

/**
 * The streams and buckets of the game, which the server type `storage` makes and keeps. A server type with entities needs its own:
 * `...entityStreams('chess')` of `@ccgame/entities`.
 */
export const storage: StreamDeclaration[] = [
  ...releaseStreams,
  ...sessionStreams,
  ...accountStreams,
  ...matchmakerStreams,
  ...leaderboardStreams,
  ...entityStreams('arena'),
];
