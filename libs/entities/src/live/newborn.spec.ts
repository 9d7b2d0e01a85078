import { Entity, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { testEntity, testRoom } from '../testing/test-entity.js';
import { EntityOf, RoomOf } from './entity-of.js';

class Vector {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

const seed = entity({ serverType: 'play', name: 'seed' });

@Entity(seed, { maxStateBytes: 1_000 })
class Seed extends EntityOf<Record<string, unknown>, string> {
  create(init: string): Record<string, unknown> {
    if (init === 'end') this.end();
    if (init === 'nothing') return null as never;
    if (init === 'large') return { text: 'x'.repeat(1_000) };
    if (init === 'endless') return { rounds: [{ best: Infinity }] };
    return { at: new Date(0), speed: new Vector(3, 4), none: undefined };
  }
}

const plot = entity({ serverType: 'play', name: 'plot' });

@Room(plot, { tickHz: 10, maxStateBytes: 1_000 })
class Plot extends RoomOf<{ text: string }, number> {
  create(init: number): { text: string } {
    return { text: 'x'.repeat(init) };
  }
  tick(): void {}
}

describe('a newborn entity', () => {
  it('has its state as it is stored from its first moment on, and not only after a move', () => {
    const one = testEntity(Seed, { init: 'plain' });
    const first = one.state;
    expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z', speed: { x: 3, y: 4 } });
    expect(Object.keys(first)).not.toContain('none');
    one.moveToAnotherServer();
    expect(one.state).toEqual(first);
  });

  it('is not born with a state that is no object', () => {
    expect(() => testEntity(Seed, { init: 'nothing' })).toThrow('create gave no object');
  });

  it('is not born with a number that JSON has no word for, as it would be null after the first move', () => {
    expect(() => testEntity(Seed, { init: 'endless' })).toThrow(
      'create gave what is stored as null: state.rounds[0].best is Infinity',
    );
  });

  it('is not born with a state larger than is stored: a room would be stopped within a second', () => {
    const code = 'STATE_TOO_LARGE';
    expect(() => testEntity(Seed, { init: 'large' })).toThrow(expect.objectContaining({ code }));
    const tooLarge = { code, details: { bytes: 1_011, limit: 1_000 } };
    expect(() => testRoom(Plot, { init: 1_000 })).toThrow(expect.objectContaining(tooLarge));
    expect(testRoom(Plot, { init: 989 }).state.text).toHaveLength(989);
  });

  it('ends where it ends itself in create', () => {
    expect(testEntity(Seed, { init: 'end' }).hasEnded).toBe(true);
  });
});
