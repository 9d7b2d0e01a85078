import { defineErrors } from '@ccgame/rpc';
import { Handles, Room } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { type RoomLabels, RoomOf } from '../src/live/entity-of.js';

const serverType = 'local';
const TrapErrors = defineErrors({ TRAP_SHUT: { message: 'It is shut', status: 409 } });

export const trap = entity({ serverType, name: 'trap', partitions: 2 });
export const setTrap = trap.serverHandler('set_trap', { payload: String });
export const readTicks = trap.serverHandler('read_ticks', { result: Number, input: 'query' });

/** A room whose code fails when it is told so. */
@Room(trap, { tickHz: 20, checkpointMs: 200, capacity: 2 })
export class Trap extends RoomOf<{ isBroken: boolean; steps: number }> {
  create(): { isBroken: boolean; steps: number } {
    return { isBroken: false, steps: 0 };
  }

  @Handles(setTrap)
  setTrap(what: string): void {
    if (what === 'refuse') throw TrapErrors.TRAP_SHUT();
    if (what === 'fail') throw new Error('a fault in the code');
    this.state.steps += 1;
    this.state.isBroken = what === 'break';
  }

  @Handles(readTicks)
  readTicks(): number {
    return this.ticks;
  }

  override labels(): RoomLabels | undefined {
    return this.state.isBroken ? undefined : { steps: this.state.steps, map: this.id.split('-')[0] ?? '' };
  }

  tick(): void {
    if (this.state.isBroken) throw new Error('a fault in the tick');
  }
}

export const hog = entity({ serverType, name: 'hog', partitions: 2 });
export const leaveHog = hog.serverHandler('leave_hog');

/** A room that takes far more than there is. */
@Room(hog, { tickHz: 60 })
export class Hog extends RoomOf<{ ms: number }, { ms: number }> {
  create({ ms }: { ms: number }): { ms: number } {
    return { ms };
  }

  @Handles(leaveHog)
  leaveHog(): void {
    this.end();
  }

  tick(): void {
    const until = performance.now() + this.state.ms;
    while (performance.now() < until);
  }
}
