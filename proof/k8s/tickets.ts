import type { Client } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import { pause } from './pause.js';

/** Counts a request, and gives undefined where it failed. */
type Count = <T>(request: Promise<T>) => Promise<T | undefined>;

/** How long a duel may be in coming; with nobody else of its version a robot leaves again. */
const patienceMs = 15_000;
/** A push that is on its way when its ticket is gone. */
const lateMs = 5_000;

/** One robot's tickets for duels, and what became of them. */
export class Tickets {
  matched = 0;
  /** Acknowledged, and then neither matched nor to be left. */
  lost = 0;
  private pushes = 0;

  constructor(private readonly client: Client<Game>) {
    client.on('matched', () => (this.pushes += 1));
  }

  /** Joins, and waits for the match; after a while without one it leaves. */
  async play(count: Count): Promise<void> {
    const before = this.pushes;
    const ticket = await count(this.client.request('matching.user_join_matching', { mode: 'duel' }));
    if (!ticket) return;
    if (await this.pushed(before, patienceMs)) return void (this.matched += 1);
    const left = await count(this.client.request('matching.user_leave_matching', undefined as never));
    if (!left || left.outcome === 'left') return;
    if (await this.pushed(before, lateMs)) this.matched += 1;
    else this.lost += 1;
  }

  private async pushed(before: number, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (this.pushes === before && performance.now() < deadline) await pause(20);
    return this.pushes > before;
  }
}
