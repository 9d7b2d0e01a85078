import { type Client, ClientError } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import { machineMs } from './clock.js';
import type { RoomRecorder } from './room-recorder.js';

/** Between two inputs of a player, ms. */
export const everyMs = 50;
/** A player without a connection doesn't pile up more than that. */
const mostWaiting = 8;

/** A player with the SDK: steers 20 times a second, and has all that it sent, was answered and was pushed written down. */
export class ArenaPlayer {
  private readonly waiting = new Set<Promise<void>>();
  private timer?: NodeJS.Timeout;
  private turn = 0;

  constructor(
    readonly playerId: string,
    private readonly client: Client<Game>,
    private readonly roomId: string,
    private readonly recorder: RoomRecorder,
  ) {
    client.room('arena.arena').onChange((state) => {
      if (state?.roomId !== roomId) return;
      const { roomId: _, ...view } = state;
      recorder.noteView(playerId, machineMs(), view);
    });
    client.on('arena.over', ({ roomId: from }) => {
      if (from !== roomId) return;
      recorder.noteOver(playerId, machineMs());
      this.stopSteering();
    });
  }

  get ready(): Promise<void> {
    return this.client.ready;
  }

  /** Each player at another moment of the tick. */
  startSteering(): void {
    const begin = (): void => {
      this.timer = setInterval(() => this.steer(), everyMs);
    };
    this.timer = setTimeout(begin, Math.random() * everyMs);
  }

  stopSteering(): void {
    clearInterval(this.timer);
  }

  /** Resolves when the last input is answered. */
  async untilAnswered(): Promise<void> {
    await Promise.all(this.waiting);
  }

  close(): void {
    this.stopSteering();
    this.client.close();
  }

  /** In wide circles, so that walls are met. */
  private steer(): void {
    if (this.waiting.size >= mostWaiting) return;
    this.turn += Math.random() * 0.2;
    const answered = this.sendInput(Math.cos(this.turn), Math.sin(this.turn * 0.7)).finally(() =>
      this.waiting.delete(answered),
    );
    this.waiting.add(answered);
  }

  private async sendInput(x: number, y: number): Promise<void> {
    const { roomId, playerId } = this;
    const input = this.recorder.noteInput(playerId, x, y);
    const sentAt = (input.sentAt = machineMs());
    try {
      input.answer = await this.client.request('arena.steer', { roomId, x, y });
      input.answeredAfterMs = machineMs() - sentAt;
    } catch (error) {
      const code = error instanceof ClientError ? error.code : String(error);
      input.error = `${code} after ${Math.round(machineMs() - sentAt)} ms, at ${Math.round(sentAt)} ms`;
    }
  }
}
