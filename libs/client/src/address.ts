import type { ClientConfig } from '@ccgame/protocol';
import type { ClientError } from './errors.js';
import { GameHttp } from './game-http.js';
import type { ConnectOptions } from './options.js';

const configPath = '/v1/config';

/** The version that this client talks to, and its address. */
export class Address {
  version?: string;
  private wsUrl: string;
  private isKnown: boolean;
  private readonly http: GameHttp;

  constructor(
    private readonly options: Pick<ConnectOptions, 'url' | 'version' | 'build' | 'region' | 'fetch'>,
  ) {
    this.http = new GameHttp(options);
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
   * @throws ClientError UNREACHABLE when it was never known, UNAUTHENTICATED for the token, DEFECT for a mistake in `fetch`
   */
  async findAddress(token: string): Promise<string> {
    if (this.isKnown) return this.wsUrl;
    const found = await this.askConfig(token).catch((error: ClientError) => {
      // Only an answer that can't be had is made up for. A token that has run out is renewed, and then it is asked again: else
      // who was told to move would come back to the old version, each time.
      if (this.version === undefined || error.code !== 'UNREACHABLE') throw error;
      return { version: this.version, wsUrl: this.wsUrl };
    });
    const { version, wsUrl } = found;
    this.version = version;
    this.wsUrl = wsUrl;
    this.isKnown = true;
    return wsUrl;
  }

  private async askConfig(token: string): Promise<ClientConfig> {
    const found = (await this.http
      .askServer(configPath, { query: this.facts, token })
      .catch((error: ClientError) => {
        // Another refusal, or a page of a proxy: servers that are back in a moment say something else.
        throw error.code === 'UNAUTHENTICATED' || error.code === 'DEFECT'
          ? error
          : this.http.unreachable(configPath);
      })) as Partial<ClientConfig>;
    const { version, wsUrl } = found;
    if (typeof version === 'string' && typeof wsUrl === 'string') return found as ClientConfig;
    throw this.http.unreachable(configPath);
  }
}
