import type { Mode } from './pool/mode.js';

/** The modes of the game: the one place where a designer changes them. Times in ms, skill in the game's own points. */
export const modes: Mode[] = [{ name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] }];
