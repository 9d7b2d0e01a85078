import type { ClientConfig } from '@ccgame/protocol';
import { askHttp, unreachable } from './ask-http.js';
import { ClientError } from './errors.js';
import type { ConnectOptions } from './options.js';

/** The version that this client talks to, and its address. */
export class Address {
  version?: string;
  private wsUrl: string;
  private isKnown: boolean;

  constructor(private readonly options: Pick<ConnectOptions, 'url' | 'version' | 'build' | 'region'>) {
    this.version = options.version;
    this.wsUrl = options.url;
    this.isKnown = options.version !== undefined;
  }

  /** The client's facts that servers choose a version by, for a query. */
  get facts(): Record<string, string> {
    const { build, region } = this.options;
    return { ...(build !== undefined && { build: String(build) }), ...(region !== undefined && { region }) };
  }

  /** The version is gone: the next look-up asks the servers. */
  forgetAnswer(): void {
    this.isKnown = false;
  }

  /** The servers want this client elsewhere, which may mean in another version, unless the game has chosen it. */
  refreshAnswer(): void {
    if (this.options.version === undefined) this.isKnown = false;
  }

  /**
   * @param token tells the servers who asks: a canary's share is a share of the players
   * @throws ClientError UNREACHABLE when it was never known, UNAUTHENTICATED for the token
   */
  async findAddress(token: string): Promise<string> {
    if (this.isKnown) return this.wsUrl;
    const question = `/v1/config?${new URLSearchParams(this.facts).toString()}`;
    const found = await askConfig(new URL(question, this.options.url), token).catch((error: unknown) => {
      if (this.version === undefined || !(error instanceof ClientError)) throw error;
      return { version: this.version, wsUrl: this.wsUrl };
    });
    const { version, wsUrl } = found;
    this.version = version;
    this.wsUrl = wsUrl;
    this.isKnown = true;
    return wsUrl;
  }
}

async function askConfig(url: URL, token: string): Promise<ClientConfig> {
  const found = (await askHttp(url, { token }).catch((error: ClientError) => {
    // Another refusal, or a page of a proxy: servers that are back in a moment say something else.
    throw error.code === 'UNAUTHENTICATED' ? error : unreachable(url);
  })) as Partial<ClientConfig>;
  const { version, wsUrl } = found;
  if (typeof version === 'string' && typeof wsUrl === 'string') return found as ClientConfig;
  throw unreachable(url);
}
