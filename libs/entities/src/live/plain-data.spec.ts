import { Alarm, Entity, Handles } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { testEntity } from '../testing/test-entity.js';
import { EntityOf } from './entity-of.js';

const serverType = 'play';
const shelf = entity({ serverType, name: 'shelf' });
const give = shelf.serverHandler('give', { payload: String });
const push = shelf.serverHandler('push', { payload: String });
const remind = shelf.serverHandler('remind', { payload: String });

function* generator(): Generator<number> {
  yield 1;
}

const things: Record<string, () => unknown> = {
  map: () => new Map([['a', 1]]),
  set: () => [new Set([1])],
  error: () => ({ error: new Error('no') }),
  expression: () => /a/,
  generator,
  bytes: () => new Uint8Array(3),
  bigint: () => ({ n: 1n }),
  circle: () => {
    const circle: { self?: object } = {};
    return (circle.self = circle);
  },
};

@Entity(shelf)
class Shelf extends EntityOf<object, string> {
  create(init: string): object {
    return { kept: init ? things[init]() : 'nothing' };
  }
  @Handles(give)
  give(what: string): unknown {
    return things[what]();
  }
  @Handles(push)
  pushThing(what: string): void {
    this.push(['ann'], 'shelf.thing', things[what]());
  }
  @Handles(remind)
  remind(what: string): void {
    this.setAlarm('ring', 1_000, things[what]());
  }
  @Alarm()
  ring(): void {
    // It is never set.
  }
}

describe('data that JSON would not show as what it is', () => {
  const internal = expect.objectContaining({ code: 'INTERNAL' }) as Error;

  it.each(Object.keys(things))(
    'is refused as a result, a push, an alarm’s data and a new state: %s',
    (what) => {
      const one = testEntity(Shelf);
      for (const contract of [give, push, remind]) expect(() => one.call(contract, what)).toThrow(internal);
      expect(one.pushes).toEqual([]);
      expect(() => testEntity(Shelf, { init: what })).toThrow(internal);
    },
  );
});
