import type { TokenRenewed } from '@ccgame/protocol';
import { backoffMs } from './backoff.js';
import type { ClientError } from './errors.js';
import { type Message, messageOf } from './message.js';
import { startTimer, waitOf } from './timer.js';
import type { PlayerToken } from './token.js';

/** The share of a token's time after which a newer one is fetched: players whom an outage had log in at once are not to come at once for ever. */
const earliestRenewal = 0.6;
export const latestRenewal = 0.8;

/** Renews the token while the socket goes on, before it runs out. */
export class TokenRenewer {
  private timer?: ReturnType<typeof setTimeout>;
  /** In a row. Where none succeeds, the socket ends with its token, and the next one asks anew. */
  private failures = 0;

  constructor(
    private readonly token: PlayerToken,
    private readonly send: (message: Message) => Promise<unknown>,
  ) {}

  /** Called with each session, and with each renewal. A token that is text can't be renewed. */
  tokenLasts({ tokenExpiresInMs }: TokenRenewed): void {
    this.stop();
    this.failures = 0;
    if (this.token.isFixed || tokenExpiresInMs === undefined) return;
    const share = earliestRenewal + (latestRenewal - earliestRenewal) * Math.random();
    this.renewAfter(tokenExpiresInMs * share);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async renew(): Promise<void> {
    const { timer } = this;
    try {
      const token = await this.token.fetchToken('renew');
      // The socket has ended meanwhile: the next one came with a token that may be newer, or nobody is to come.
      if (this.timer !== timer) return;
      const renewed = await this.send(messageOf('session.renew', { token }));
      if (this.timer === timer) this.tokenLasts(renewed as TokenRenewed);
    } catch (error) {
      const askedMs = waitOf((error as Partial<ClientError>).retryAfterMs);
      if (this.timer === timer) this.renewAfter(Math.max(askedMs, backoffMs(++this.failures)));
    }
  }

  private renewAfter(ms: number): void {
    this.timer = startTimer(() => void this.renew(), ms);
  }
}
