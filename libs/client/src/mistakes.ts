/** How JavaScript engines, and the platforms' functions, speak of a TypeError in code. They do so in English everywhere. */
const ofCode =
  /\bis(n't| not) (a |an |defined|iterable|callable|function)|\b(of|is|are) (undefined|null)\b|undefined is|null is|cannot (read|set|convert|destructure)|can't (access|find)|failed to (construct|execute|parse)|invalid (url|argument|value|header)|argument|parameter|must be|expected/i;

/**
 * A mistake in code, which no other try would mend. Platforms throw the network's failures as TypeErrors too, Safari in the player's
 * language, so that only a TypeError known to be of code is one. A SyntaxError is none: a login that answers with a proxy's page of
 * HTML throws it, and may be back in a moment.
 */
export function isMistake(error: unknown): boolean {
  if (error instanceof ReferenceError || error instanceof RangeError) return true;
  return error instanceof TypeError && ofCode.test(error.message);
}
