import type { TokenRenewed } from '@ccgame/protocol';
import { type Message, messageOf } from './message.js';
import { startTimer } from './timer.js';
import type { PlayerToken } from './token.js';

/** A renewal that failed is tried again so soon, ms; where none succeeds, the socket ends and the next one asks anew. */
const againMs = 5_000;
/** The share of a token's time after which a newer one is fetched. */
export const renewAt = 0.8;

/** Renews the token while the socket goes on, before it runs out. */
export class TokenRenewer {
  private timer?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly token: PlayerToken,
    private readonly send: (message: Message) => Promise<unknown>,
  ) {}

  /** Called with each session, and with each renewal. A token that is text can't be renewed. */
  tokenLasts({ tokenExpiresInMs }: TokenRenewed): void {
    this.stop();
    if (this.token.isFixed || tokenExpiresInMs === undefined) return;
    this.timer = startTimer(() => void this.renew(), tokenExpiresInMs * renewAt);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async renew(): Promise<void> {
    const { timer } = this;
    try {
      const token = await this.token.fetchToken('renew');
      const renewed = await this.send(messageOf('session.renew', { token }));
      if (this.timer === timer) this.tokenLasts(renewed as TokenRenewed);
    } catch {
      if (this.timer === timer) this.timer = startTimer(() => void this.renew(), againMs);
    }
  }
}
