import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityClient } from '@ccgame/entities';
import { arena, type ArenaView } from '#arena/arena-contracts.js';
import { judgeInputs, type SentInput, sumOf, type Verdict } from './checker.js';
import type { PlainPlayer } from './plain-player.js';

const everyMs = 200;
/** An arena has so many. */
const seats = 4;

/** The inputs that players of a round send into a room of their own, and the room's answers. */
export class Steering {
  private readonly sent = new Map<PlainPlayer, SentInput[]>();
  private readonly waiting = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly roomId: string,
    private readonly players: readonly PlainPlayer[],
  ) {
    for (const player of players) this.sent.set(player, []);
    this.timer = setInterval(() => {
      for (const player of players) if (player.isOnline) void this.steer(player);
    }, everyMs);
  }

  static async start(
    entities: EntityClient,
    roomId: string,
    players: readonly PlainPlayer[],
  ): Promise<Steering> {
    const members = players.slice(0, seats);
    await entities.create(arena, roomId, { players: members.map(({ playerId }) => playerId) });
    for (const { playerId } of members) await entities.join(arena, roomId, playerId);
    return new Steering(roomId, members);
  }

  /** Whether the room takes an input of each player; or says that it is gone, where the fault destroyed it. */
  async isServed(mayBeGone: boolean): Promise<boolean> {
    const codes = await Promise.all(this.players.map((player) => this.steer(player)));
    return codes.every((code) => code === 'ok' || (mayBeGone && code === 'NO_ENTITY'));
  }

  /** Ends when everything that was sent is answered, or not waited for any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.waiting);
  }

  /** @param maySkip the storage of rooms was destroyed */
  async judge(maySkip: boolean): Promise<Verdict> {
    const view = await this.watch();
    const verdicts = this.players.map((player) => {
      const disc = view?.discs.find(({ id }) => id === player.playerId);
      return judgeInputs(this.sent.get(player) ?? [], disc?.inputs, maySkip);
    });
    return sumOf(verdicts);
  }

  private async watch(): Promise<ArenaView | undefined> {
    for (let tries = 0; tries < 5; tries += 1) {
      const answer = await this.players[0]?.request('arena.watch', { roomId: this.roomId });
      if (answer?.data !== undefined) return answer.data as ArenaView;
      await sleep(everyMs);
    }
    return undefined;
  }

  /** @returns the code of the answer, `ok` where it was applied; undefined: none came */
  private async steer(player: PlainPlayer): Promise<string | undefined> {
    const input: SentInput = {};
    const inputs = this.sent.get(player) ?? [];
    inputs.push(input);
    const asked = player.request('arena.steer', { roomId: this.roomId, x: inputs.length % 2, y: 0 });
    const noted = asked.then((answer) => {
      input.count = (answer?.data as { inputs: number } | undefined)?.inputs;
      this.waiting.delete(noted);
    });
    this.waiting.add(noted);
    const answer = await asked;
    return answer && (answer.error?.code ?? 'ok');
  }
}
