import { Alarm, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { findRooms } from '../host/find-rooms.js';
import { HeldEntity } from '../memory/held-entity.js';
import { testRoom } from '../testing/test-entity.js';
import { RoomViews } from '../view/room-views.js';
import { type RoomLabels, RoomOf } from './entity-of.js';

const dice = entity({ serverType: 'play', name: 'dice' });
const peek = dice.serverHandler('peek', { result: Number, input: 'query' });
const change = dice.serverHandler('change', { payload: String, input: 'query' });
/** Players ask by it. */
export const askForDice = dice.viewHandler();

/** Throws dice wherever it is only looked at. */
@Room(dice, { tickHz: 10 })
class Dice extends RoomOf<{ rolls: number[] }> {
  create(): { rolls: number[] } {
    return { rolls: [] };
  }
  @Handles(peek)
  peek(): number {
    return this.random();
  }
  @Handles(change)
  change(what: string): void {
    if (what === 'alarm') this.setAlarm('ring', 1_000);
    if (what === 'no alarm') this.clearAlarm('ring');
    if (what === 'end') this.end();
  }
  @Alarm()
  ring(): void {}
  override admits(): boolean {
    return this.random() < 2;
  }
  override labels(): RoomLabels {
    return { luck: this.random() };
  }
  override view(): object {
    return { fog: this.random() };
  }
  tick(): void {
    this.state.rolls.push(this.random());
  }
}

it('dice that a query, a view, labels or admits throw are thrown again: a successor comes to the same rolls', () => {
  const kind = { mark: markOf(Dice), construct: () => Promise.resolve(new Dice()) };
  const rollsOf = (look: (held: HeldEntity) => void): number[] => {
    const held = new HeldEntity('dice.a', 'a', kind, new Dice(), '1.0.0000', { seq: 0 }, () => undefined);
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 7, birth: 'b' });
    held.live.runTick();
    look(held);
    held.live.runTick();
    return (held.live.instance as Dice).state.rolls;
  };
  const topics = { startFollowing: () => undefined, pushToTopic: () => undefined };
  const views = new RoomViews(topics as never);
  const looks: ((held: HeldEntity) => unknown)[] = [
    (held) => held.live.applyUnstored('peek', undefined, undefined, true),
    (held) => held.live.admits('ann'),
    (held) => findRooms([held], { name: 'dice', limit: 1 }),
    (held) => views.pushTick(held),
    (held) => views.addFollower(held, 'ann'),
  ];
  const rolls = rollsOf(() => undefined);
  expect(looks.map(rollsOf)).toEqual(looks.map(() => rolls));
});

it.each(['alarm', 'no alarm', 'end'])('a query can’t change what nobody would store: %s', (what) => {
  const room = testRoom(Dice);
  expect(() => room.call(change, what)).toThrow(/^change shows the entity and changes nothing, so it can't /);
  expect(room.hasEnded).toBe(false);
  room.advance(100);
  expect(room.tick).toBe(1);
});
