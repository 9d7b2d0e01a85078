import type { StreamDeclaration } from '@ccgame/jetstream';
import { modesStream } from '../catalogue/mode-catalogue.js';
import { matchesStream, playedMatchesStream } from '../contracts/matches.js';

/** The streams of matching, made by the server type `storage`. */
export const matchmakerStreams: StreamDeclaration[] = [
  { config: modesStream },
  { config: matchesStream },
  { config: playedMatchesStream },
];
