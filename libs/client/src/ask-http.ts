import { ClientError } from './errors.js';
import { waitOf } from './timer.js';

const timeoutMs = 10_000;
/** A client that asks again was told to, or turned away: what a browser still holds is old. Node keeps nothing, and has no type for it. */
const uncached = { cache: 'no-cache' } as const;

export interface HttpQuestion {
  /** Of the login; goes into the header. */
  token?: string;
  /** Makes it a POST. */
  body?: object;
}

/**
 * Asks one of the game's HTTP servers, and gives the JSON that it answers.
 *
 * @throws ClientError the server's code, or UNREACHABLE where nobody answers within 10 s, or something else than a server does
 */
export async function askHttp(url: URL, { token, body }: HttpQuestion): Promise<object> {
  // Not AbortSignal.timeout, which Safari 14 lacks.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const answer = await fetch(url, {
    ...uncached,
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    signal: late.signal,
  })
    .then(readAnswer)
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
  if (answer?.ok && answer.json) return answer.json;
  throw refusalOf(answer) ?? unreachable(url);
}

interface HttpAnswer {
  ok: boolean;
  retryAfterMs: number;
  /** Undefined: it is none, as a proxy's own page. */
  json?: object;
}

async function readAnswer(response: Response): Promise<HttpAnswer> {
  const json: unknown = await response.json().catch(() => undefined);
  return {
    ok: response.ok,
    retryAfterMs: waitOf(Number(response.headers.get('retry-after')) * 1_000),
    json: typeof json === 'object' && json !== null ? json : undefined,
  };
}

/** Problem details of a server of the game. Source: RFC 9457, with `code`, `retryable` and `details`. */
function refusalOf(answer: HttpAnswer | undefined): ClientError | undefined {
  const { code, detail, title, retryable, details } = (answer?.json ?? {}) as Record<string, unknown>;
  if (answer === undefined || answer.ok || typeof code !== 'string') return undefined;
  const { retryAfterMs } = answer;
  const message = typeof detail === 'string' ? detail : (title as string | undefined);
  return new ClientError(code, {
    message,
    retryable: retryable === true,
    details,
    ...(retryAfterMs > 0 && { retryAfterMs }),
  });
}

export function unreachable(url: URL): ClientError {
  return new ClientError('UNREACHABLE', { details: { url: url.href }, retryable: true });
}
