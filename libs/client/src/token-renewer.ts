import type { TokenRenewed } from '@ccgame/protocol';
import type { Token } from './options.js';
import { startTimer } from './timer.js';
import { tokenWithin } from './token.js';

/** The game's own login may hang: its answer is waited for so long. */
const tokenTimeoutMs = 15_000;
/** A renewal that failed is tried again so soon, ms; where none succeeds, the socket ends and the next one asks anew. */
const againMs = 5_000;
/** The share of a token's time after which a newer one is fetched. */
const renewAt = 0.8;

/** Renews the token while the socket goes on, before it runs out. */
export class TokenRenewer {
  private timer?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly token: Token,
    private readonly send: (token: string) => Promise<TokenRenewed>,
  ) {}

  /** Called with each session, and with each renewal. A token that is text can't be renewed. */
  tokenLasts({ tokenExpiresInMs }: TokenRenewed): void {
    this.stop();
    if (typeof this.token === 'string' || tokenExpiresInMs === undefined) return;
    this.timer = startTimer(() => void this.renew(), tokenExpiresInMs * renewAt);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async renew(): Promise<void> {
    const { timer } = this;
    try {
      const token = await tokenWithin(tokenTimeoutMs, () => this.freshToken());
      const renewed = await this.send(token);
      if (this.timer === timer) this.tokenLasts(renewed);
    } catch {
      if (this.timer === timer) this.timer = startTimer(() => void this.renew(), againMs);
    }
  }

  private async freshToken(): Promise<string> {
    return typeof this.token === 'string' ? this.token : this.token('renew');
  }
}
