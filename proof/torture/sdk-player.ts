import { type Client, ClientError, connect } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import { tokenOf } from '@ccgame/testing';
import { Diary } from './diary.js';
import type { Ledger } from './ledger.js';
import { askRoute, tickRoute, type TorturedPlayer } from './player.js';

/** One player with the SDK. */
export class SdkPlayer implements TorturedPlayer {
  readonly diary: Diary;
  private readonly client: Client<Game>;
  private counter = 0;

  constructor(
    readonly playerId: string,
    url: string,
    private readonly ledger: Ledger,
    private readonly timeoutMs = 30_000,
  ) {
    this.diary = new Diary(ledger);
    this.client = connect<Game>({
      url,
      token: () => tokenOf(playerId),
      timeoutMs,
      onNotRecovered: () => this.refresh(),
    });
    this.client.on(tickRoute as never, (number: number) => this.diary.notePush(number));
    this.client.on('moved', () => (ledger.moves += 1));
    this.client.on('error', ({ code }) => ledger.countError(code));
    this.client.on('state', (state) => {
      if (state === 'reconnecting') this.diary.noteBreak();
      else if (state === 'online') this.diary.noteReturn();
    });
  }

  get ready(): Promise<void> {
    return this.client.ready;
  }

  get isOnline(): boolean {
    return this.client.state === 'online';
  }

  async ask(): Promise<boolean> {
    const id = `${this.playerId}-${this.counter++}`;
    const startedAt = performance.now();
    this.ledger.asked.push(id);
    try {
      await this.client.request(askRoute, { mode: id });
      this.ledger.endRequest({ id });
      return true;
    } catch (error) {
      const code = error instanceof ClientError ? error.code : String(error);
      // The servers' own TIMEOUT comes earlier.
      const isOwn = code === 'TIMEOUT' && performance.now() - startedAt > this.timeoutMs - 50;
      const isTimeout = isOwn && this.diary.wasOnlineFor(this.timeoutMs / 2);
      this.ledger.endRequest({ id, code, isTimeout });
      return false;
    }
  }

  close(): void {
    this.client.close();
  }

  /** A push that is given meanwhile is one that was lost before the gap, to the checker. */
  private async refresh(): Promise<void> {
    await this.client.request('matching.user_leave_matching', undefined);
    this.diary.noteGap();
  }
}
