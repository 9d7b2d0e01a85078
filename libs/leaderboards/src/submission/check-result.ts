import { type FieldProblem, invalid } from '@ccgame/rpc';
import { expectedName, isName, type NameKind } from '@ccgame/config';
import { isScore } from '../boards/score-units.js';
import type { SubmittedResult } from './submitted-result.js';

const mostScores = 200;

/** @throws RpcError INVALID that names the wrong fields */
export function checkResult({ topic, id, scores }: SubmittedResult): void {
  const problems: FieldProblem[] = [];
  const expect = (isGood: boolean, field: string, rule: string): void => {
    if (!isGood) problems.push({ field, rule });
  };
  const expectName = (kind: NameKind, value: unknown, field: string): void =>
    expect(isName(kind, value), field, expectedName(kind));
  expectName('board', topic, 'topic');
  expectName('matchId', id, 'id');
  // A game's own code may give anything.
  const given: readonly unknown[] = Array.isArray(scores) ? scores : [];
  expect(given.length >= 1 && given.length <= mostScores, 'scores', `1 to ${mostScores} scores`);
  const players = new Set<unknown>();
  for (const [index, one] of given.slice(0, mostScores).entries()) {
    const { playerId, score } = partsOf(one);
    expectName('playerId', playerId, `scores.${index}.playerId`);
    expect(!players.has(playerId), `scores.${index}.playerId`, 'each player once');
    expect(isScore(score), `scores.${index}.score`, 'a number from -1e9 to 1e9');
    players.add(playerId);
  }
  if (problems.length > 0) throw invalid(problems);
}

/** Nothing of what can't be looked at. */
function partsOf(one: unknown): { playerId?: unknown; score?: unknown } {
  try {
    const { playerId, score } = one as { playerId?: unknown; score?: unknown };
    return { playerId, score };
  } catch {
    return {};
  }
}
