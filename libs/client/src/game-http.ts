import { ClientError } from './errors.js';
import { isMistake } from './mistakes.js';
import { type Fetch, fetchOf, type Platform } from './platform.js';
import { waitOf } from './timer.js';

const timeoutMs = 10_000;
/** A client that asks again was told to, or turned away: what a browser still holds is old. Node keeps nothing, and has no type for it. */
const uncached = { cache: 'no-cache' } as const;

/** One request to the game's HTTP API. */
export interface HttpQuestion {
  query?: Record<string, string | number | undefined>;
  /** The token of the login; goes into the header. */
  token?: string;
  /** Makes it a POST. */
  body?: object;
}

/** The game's HTTP servers. Needs no `URL`, which mini games lack and React Native has in parts. */
export class GameHttp {
  private readonly origin: string;
  private readonly fetch?: Fetch;

  constructor({ url, ...platform }: { url: string } & Platform) {
    // `wss://…` names a server as well.
    this.origin = url.replace(/^ws/i, 'http').replace(/^(\w+:\/\/[^/?#]*).*$/s, '$1');
    this.fetch = fetchOf(platform);
  }

  /**
   * Asks one of the servers, and gives the JSON that it answers.
   *
   * @param path `/v1/config`
   * @throws ClientError the server's code; UNREACHABLE where nobody answers within 10 s, or something else than a server does;
   * DEFECT where `fetch` has a mistake in it
   */
  async askServer(path: string, { query = {}, token, body }: HttpQuestion = {}): Promise<object> {
    const options = {
      ...uncached,
      ...(body && { method: 'POST' as const, body: JSON.stringify(body) }),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
    };
    const answer = await this.fetchInTime(this.origin + path + queryOf(query), options);
    if (answer?.ok && answer.json) return answer.json;
    throw refusalOf(answer) ?? this.unreachable(path);
  }

  unreachable(path: string): ClientError {
    return new ClientError('UNREACHABLE', { details: { url: this.origin + path }, retryable: true });
  }

  /** Undefined: nobody answered in time. */
  private async fetchInTime(url: string, options: Parameters<Fetch>[1]): Promise<HttpAnswer | undefined> {
    // Safari 14 has no AbortSignal.timeout, mini games have no AbortController.
    const late = typeof AbortController === 'function' ? new AbortController() : undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeUp = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        resolve(undefined);
        late?.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([
        timeUp,
        this.fetchAnswer(url, { ...options, ...(late && { signal: late.signal }) }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async fetchAnswer(url: string, options: Parameters<Fetch>[1]): Promise<HttpAnswer | undefined> {
    const { fetch } = this;
    try {
      if (!fetch) throw new TypeError('This platform has no fetch: give one as the option `fetch`');
      return await readAnswer(await fetch(url, options));
    } catch (error) {
      if (!fetch || isMistake(error)) throw new ClientError('DEFECT', {}, error);
      return undefined;
    }
  }
}

function queryOf(query: NonNullable<HttpQuestion['query']>): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value as string | number)}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

interface HttpAnswer {
  ok: boolean;
  retryAfterMs: number;
  /** Undefined: it is none, as a proxy's own page. */
  json?: object;
}

async function readAnswer(response: Awaited<ReturnType<Fetch>>): Promise<HttpAnswer> {
  const json = await response.json().catch(() => undefined);
  return {
    ok: response.ok,
    retryAfterMs: waitOf(Number(response.headers.get('retry-after')) * 1_000),
    json: typeof json === 'object' && json !== null ? json : undefined,
  };
}

/** Problem details of a server of the game. Source: RFC 9457, with `code`, `retryable` and `details`. */
function refusalOf(answer: HttpAnswer | undefined): ClientError | undefined {
  const { code, status, detail, title, retryable, details } = (answer?.json ?? {}) as Record<string, unknown>;
  if (answer === undefined || answer.ok || typeof code !== 'string') return undefined;
  const { retryAfterMs } = answer;
  const message = typeof detail === 'string' ? detail : (title as string | undefined);
  return new ClientError(code, {
    message,
    // A login by device, and a question, do nothing twice: a server's failure is never the end of them.
    retryable: retryable === true || Number(status) >= 500,
    details,
    ...(retryAfterMs > 0 && { retryAfterMs }),
  });
}
