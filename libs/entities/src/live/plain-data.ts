import { assertData } from '@ccgame/rpc';

/**
 * A copy of a value as it is stored and sent, since the state that it may be a part of goes on.
 *
 * @throws TypeError for what JSON can't hold, what it would leave out (a function), and what it would write as `{}`: a Map, an Error, a generator, a stream
 */
export function plainData(value: unknown): unknown {
  // First, as it finds circles.
  const json = JSON.stringify(value ?? null);
  assertData(value);
  return json === undefined ? null : (JSON.parse(json) as unknown);
}
