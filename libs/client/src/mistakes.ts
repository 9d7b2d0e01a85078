/** An address may have any word in it. */
const addresses = /\b\w+:\/\/[^\s)"']*/g;
/** The function that was called: `Window.fetch: `, `WebSocket constructor: `. */
const caller = /^[\w.]+( constructor)?: /;

/**
 * Whole sentences by which JavaScript engines, and the platforms' functions, speak of a TypeError in code. They do so in English
 * everywhere. The network's own may have each of these words too: `ECONNRESET: … pass verbose in the second argument to fetch()`.
 */
const ofCode = [
  /^.+ is(n't| not) (a function|a constructor|an object|(async )?iterable|callable|defined)( or its return value is .+|\.? \(.+\))?\.?$/i,
  /^.+ (is|are) (undefined|null)\.?$/,
  /^(cannot|can't) (read|set|access|add|define|redefine|delete) (private )?(field|member|method|property|properties) .+$/i,
  /^(cannot|can't) (convert|destructure|assign to|use 'in'|call a class) .+$/i,
  /^(class constructor .+ cannot be invoked|(invalid )?assignment to const|attempted to assign to readonly).*$/i,
  /^failed to (construct '|execute '|parse url).*$/i,
  /^(invalid (url|argument|value|header)( name| value)?(:.+)?|header '.+' has invalid value|.+ is an invalid header (name|value))\.?$/i,
  /(includes|with embedded|contains user) credentials\b/i,
  /^(not enough arguments|(at least )?\d arguments? required.*|argument \d .+ must be .+|.+ not of type \w+)\.?$/i,
];

/** As Node names it, and Bun and Deno after it. */
const codeOfCode = /^ERR_(INVALID_(ARG|URL|THIS)|MISSING_ARGS)/;

/**
 * A mistake in code, which no other try would mend. Platforms throw the network's failures as TypeErrors too, Safari in the player's
 * language, so that only a TypeError known to be of code is one. A SyntaxError is none: a login that answers with a proxy's page of
 * HTML throws it, and may be back in a moment.
 */
export function isMistake(error: unknown): boolean {
  if (error instanceof ReferenceError || error instanceof RangeError) return true;
  if (!(error instanceof TypeError)) return false;
  // The wrong value stands in some, with its line breaks.
  const text = error.message.replace(addresses, '').replace(caller, '').replace(/\s+/g, ' ');
  return codeOfCode.test(String((error as { code?: unknown }).code)) || ofCode.some((one) => one.test(text));
}
