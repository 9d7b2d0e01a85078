import type { StreamDeclaration } from '@ccgame/jetstream';
import { modesStream } from '../catalogue/mode-catalogue.js';
import { matchesStream, playedMatchesStream } from '../contracts/matches.js';

/** What matching stores: for the server type `storage`. */
export const matchmakerStreams: StreamDeclaration[] = [
  { config: modesStream },
  { config: matchesStream },
  { config: playedMatchesStream },
];
