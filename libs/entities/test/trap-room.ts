import { defineErrors } from '@ccgame/rpc';
import { Entity, Handles, Room } from '../src/contract/decorators.js';
import { entity } from '../src/contract/entity-contract.js';
import { EntityOf, type RoomLabels, RoomOf } from '../src/live/entity-of.js';

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
    if (what === 'big') Object.assign(this.state, { big: 1n });
    if (what === 'ring') Object.assign(this.state, { ring: this.state });
  }

  @Handles(readTicks)
  readTicks(): number {
    return this.ticks;
  }

  override labels(): RoomLabels | undefined {
    if (this.id.startsWith('cursed')) throw new Error('a fault in the labels');
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

export const safe = entity({ serverType, name: 'safe', partitions: 2 });
export const putInSafe = safe.serverHandler('put', { payload: String, result: Number });
export const spoilSafe = safe.serverHandler('spoil', { input: 'volatile' });

/** Holds what JSON can't when it is told so. */
@Entity(safe, { checkpointMs: 200, createOnCall: true })
export class Safe extends EntityOf<{ things: unknown[] }> {
  create(): { things: unknown[] } {
    return { things: [] };
  }

  @Handles(putInSafe)
  put(what: string): number {
    return this.state.things.push(what === 'big' ? 1n : what);
  }

  @Handles(spoilSafe)
  spoil(): void {
    this.state.things.push(1n);
  }
}
