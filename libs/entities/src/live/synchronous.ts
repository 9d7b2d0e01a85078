/**
 * Gives back the outcome of a method of an entity. One that is asynchronous goes on when the entity does other things, and can't be played again;
 * TypeScript takes it for one that gives nothing. Its own end is nobody's: a rejection would end the server.
 *
 * @throws TypeError for a promise
 */
export function synchronous<T>(method: string, given: T): T {
  if (typeof given !== 'object' || given === null) return given;
  const { then } = given as { then?: unknown };
  if (typeof then !== 'function') return given;
  Promise.resolve(given).catch(() => undefined);
  throw new TypeError(`${method} returned a promise: an entity's methods are synchronous`);
}
