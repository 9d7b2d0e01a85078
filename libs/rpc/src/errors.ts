import { longestTimerMs } from './basics/longest-timer.js';

/** The engine's own codes. A game adds its own with {@link defineErrors}. */
export type EngineErrorCode = keyof typeof engineErrors;

interface ErrorKind {
  /** The meaning, for the log and the developer. */
  message: string;
  /** May the same call be sent again without the work being done twice? Default: no. */
  retryable?: boolean;
  /** The status of an HTTP answer, 400 to 599. Default: 400. */
  status?: number;
}

/** One code a line; `retryable` where the work is sure not to have begun. */
const engineErrors = {
  TIMEOUT: { message: 'No answer within the deadline; the work may have been done', status: 504 },
  NO_SERVER: { message: 'No server listens there', retryable: true, status: 503 },
  BUSY: { message: 'The handler has all the work it can hold', retryable: true, status: 503 },
  GONE: {
    message: 'The server stopped or died with the call in flight; the work may have been done',
    status: 503,
  },
  MOVED: { message: 'Another server owns the key by now', retryable: true, status: 503 },
  INVALID: { message: 'The call is not what the handler takes', status: 400 },
  TOO_LARGE: { message: 'The payload is larger than the bus carries', status: 413 },
  FORBIDDEN: { message: 'The caller may not do this', status: 403 },
  INTERNAL: { message: 'The server failed; its log has the details under the incident id', status: 500 },
} satisfies Record<string, ErrorKind>;

const kinds: Record<string, ErrorKind> = engineErrors;

/** Whether a code is in the catalogue: the engine's, a library's, or one that a game declares in what this process has loaded. */
export function isDeclaredCode(code: string): boolean {
  return Object.hasOwn(kinds, code);
}

/** The status under which an error of the catalogue is answered over HTTP; a code that isn't in it is somebody's own: 400. */
export function httpStatusOf(code: string): number {
  return (isDeclaredCode(code) ? kinds[code]?.status : undefined) ?? 400;
}

/** Every error that the imported libraries and the game declare, for a page or a client of other code. */
export function describeErrors(): (Required<ErrorKind> & { code: string })[] {
  return Object.entries(kinds).map(([code, { message, retryable = false, status = 400 }]) => ({
    code,
    message,
    retryable,
    status,
  }));
}

/** The fields of an error beside its code. */
export interface RpcErrorOptions {
  /** For the log. It may travel between servers, never to a player. */
  message?: string;
  retryable?: boolean;
  /** The target as readable text, such as `matching 1.0.0000 join`. */
  target?: string;
  /** JSON that anyone may see, players included. That of INVALID is `{ problems: [{ field, rule }] }`, as `invalid` makes it. */
  details?: unknown;
  /** When to try again at the earliest; callers are told 24.8 days at most, and nothing of a negative one. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** The part of an error that may leave the servers. */
export interface PublicError {
  code: string;
  retryable: boolean;
  details?: unknown;
  retryAfterMs?: number;
}

const isPause = (ms: unknown): ms is number => Number.isFinite(ms) && (ms as number) >= 0;

/** The one error of the engine: thrown by handlers, received by callers. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly retryable: boolean;
  readonly target?: string;
  readonly details?: unknown;
  readonly retryAfterMs?: number;

  constructor(
    /** UPPER_SNAKE: an {@link EngineErrorCode} or the game's own. */
    readonly code: EngineErrorCode | (string & {}),
    options: RpcErrorOptions = {},
  ) {
    const kind = kinds[code];
    const text = options.message ?? kind?.message ?? code;
    super(options.target ? `${text} (${options.target})` : text, { cause: options.cause });
    this.retryable = options.retryable ?? kind?.retryable ?? false;
    this.target = options.target;
    this.details = code === 'INVALID' ? detailsOfInvalid(options.details) : options.details;
    this.retryAfterMs = options.retryAfterMs;
  }

  /**
   * The part that may reach a player: the code and what is declared public, never the text. All of it is plain JSON: an error on
   * its way must not throw in its turn, so what JSON can't hold is left out.
   */
  toPublic(): PublicError {
    const { code, retryable, retryAfterMs } = this;
    const details = plainCopy(this.details);
    return {
      code,
      retryable: retryable === true,
      ...(details === undefined ? {} : { details }),
      ...(isPause(retryAfterMs) && { retryAfterMs: Math.min(retryAfterMs, longestTimerMs) }),
    };
  }
}

/** Narrows something thrown to an error with a code. Never throws: anything can be thrown, a proxy too. */
export function asRpcError(thrown: unknown): RpcError | undefined {
  try {
    return thrown instanceof RpcError && typeof thrown.code === 'string' ? thrown : undefined;
  } catch {
    return undefined;
  }
}

/** The code of something thrown, as it is counted and told: INTERNAL for anything that is no error of the catalogue. Never throws. */
export function codeOf(thrown: unknown): string {
  return asRpcError(thrown)?.code ?? 'INTERNAL';
}

/** One shape, and plain JSON, whoever made the error: a game's code may say less, and so may a server of another version. */
function detailsOfInvalid(details: unknown): object {
  const plain = plainCopy(details);
  const said = typeof plain === 'object' && plain !== null ? (plain as { problems?: unknown }) : {};
  if (areProblems(said.problems)) return said;
  const rule = typeof plain === 'string' ? plain : engineErrors.INVALID.message;
  return { ...said, problems: [{ field: '', rule }] };
}

function areProblems(problems: unknown): boolean {
  return (
    Array.isArray(problems) &&
    problems.length > 0 &&
    problems.every((one: { field?: unknown; rule?: unknown } | null) => {
      return typeof one?.field === 'string' && typeof one.rule === 'string';
    })
  );
}

/** Undefined for what JSON can't hold: a bigint, a circle, something that throws when it is read. */
function plainCopy(value: unknown): unknown {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined ? undefined : (JSON.parse(json) as unknown);
  } catch {
    return undefined;
  }
}

/** The same call again would get the same answer, from whichever server. */
const permanent = new Set<string>(['INVALID', 'TOO_LARGE', 'FORBIDDEN']);

/** Whether trying again can't help: what can't be sent is set aside, or it would hold up all that stands behind it. */
export function isPermanent(error: unknown): error is RpcError {
  return permanent.has(codeOf(error));
}

/**
 * Declares a game's own errors, one code a line, and gives a function for each that makes it:
 * `throw GameErrors.ALREADY_QUEUED({ details: { ticketId } })`.
 *
 * @throws Error when a code is not UPPER_SNAKE or is declared twice, or its status is none of an error.
 */
export function defineErrors<const K extends Record<string, ErrorKind>>(
  catalogue: K,
): { readonly [Code in keyof K]: (options?: RpcErrorOptions) => RpcError & { code: Code } } {
  const makers = Object.entries(catalogue).map(([code, kind]) => {
    if (!/^[A-Z][A-Z0-9_]{1,63}$/.test(code)) {
      throw new Error(`The error code "${code}" is not UPPER_SNAKE`);
    }
    if (kinds[code]) {
      throw new Error(`The error code ${code} is declared twice`);
    }
    const { status = 400 } = kind;
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new Error(`The error ${code} has the HTTP status ${status}, and not one from 400 to 599`);
    }
    kinds[code] = kind;
    return [code, (options?: RpcErrorOptions) => new RpcError(code, options)] as const;
  });
  return Object.freeze(Object.fromEntries(makers)) as never;
}
