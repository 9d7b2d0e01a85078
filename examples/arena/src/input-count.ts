import type { ArenaView, Steered } from './arena-contracts.js';

/** Counts the player's inputs as the room does: what was answered has to be in every later state, once. */
export class InputCount {
  sent = 0;
  applied = 0;
  /** Answered by an error, by its code. */
  private readonly failed = new Map<string, number>();
  /** The most that answered inputs were missing in a state that should hold them. */
  private missing = 0;
  private repeated = 0;
  private newest: Steered = { tick: 0, inputs: 0 };

  /** A page that was loaded again goes on counting where the room is. */
  beginAt(view: ArenaView, playerId: string): void {
    this.sent = this.applied = inputsOf(view, playerId);
  }

  seeAnswer(answer: Steered): void {
    if (answer.inputs > this.newest.inputs) this.newest = answer;
  }

  seeFailure(code: string): void {
    this.failed.set(code, (this.failed.get(code) ?? 0) + 1);
  }

  seeView(view: ArenaView, playerId: string): void {
    this.applied = inputsOf(view, playerId);
    this.repeated = Math.max(this.repeated, this.applied - this.sent);
    if (view.tick > this.newest.tick)
      this.missing = Math.max(this.missing, this.newest.inputs - this.applied);
  }

  get lost(): number {
    return this.wrong.reduce((sum, [, count]) => sum + count, 0);
  }

  /** `0`, or what went wrong: `2 (TIMEOUT 1, missing 1)` */
  toString(): string {
    const kinds = this.wrong.map(([kind, count]) => `${kind} ${count}`);
    return kinds.length === 0 ? '0' : `${this.lost} (${kinds.join(', ')})`;
  }

  private get wrong(): Array<readonly [kind: string, count: number]> {
    const kinds = [...this.failed, ['missing', this.missing] as const, ['twice', this.repeated] as const];
    return kinds.filter(([, count]) => count > 0);
  }
}

function inputsOf(view: ArenaView, playerId: string): number {
  return view.discs.find(({ id }) => id === playerId)?.inputs ?? 0;
}
