import { Alarm, Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { type EntityCall, EntityOf, RoomOf } from '../live/entity-of.js';
import type { LeaveReason } from '../live/leave-reason.js';
import { testEntity, testRoom } from './test-entity.js';

const table = entity({ serverType: 'play', name: 'table' });
const finish = table.clientHandler('finish');
const bench = entity({ serverType: 'play', name: 'bench' });
const purse = entity({ serverType: 'play', name: 'purse' });
const pay = purse.serverHandler('pay', { result: Number });
const lose = purse.serverHandler('lose');

@Room(table, { tickHz: 10 })
class Table extends RoomOf<object> {
  create(): object {
    return {};
  }
  tick(): void {}
  @Handles(finish)
  finish(): void {
    this.end();
  }
}

@Room(bench, { tickHz: 10, leaveAfterMs: 1_000 })
class Bench extends RoomOf<{ left: string[] }> {
  create(): { left: string[] } {
    return { left: [] };
  }
  override leave(playerId: string, why: LeaveReason): void {
    this.state.left.push(`${playerId} ${why} ${this.now}`);
  }
  tick(): void {}
}

@Entity(purse, { createOnCall: true })
class Purse extends EntityOf<{ coins: number }> {
  create(): { coins: number } {
    return { coins: 0 };
  }
  @Handles(pay)
  pay(): number {
    return (this.state.coins += 1);
  }
  @Handles(lose)
  lose(): void {
    this.end();
  }
}

const fuse = entity({ serverType: 'play', name: 'fuse' });
const light = fuse.serverHandler('light');
const restless = entity({ serverType: 'play', name: 'restless' });
const begin = restless.serverHandler('begin');

@Entity(fuse)
class Fuse extends EntityOf<{ rung: string[] }> {
  create(): { rung: string[] } {
    return { rung: [] };
  }
  @Handles(light)
  light(): void {
    this.setAlarm('first', 5);
    this.setAlarm('second', 5);
  }
  @Alarm()
  first(): void {
    this.state.rung.push('first');
    this.end();
  }
  @Alarm()
  second(): void {
    this.state.rung.push('second');
  }
}

/** Its alarm sets itself at once, and again. */
@Entity(restless)
class Restless extends EntityOf<{ rung: number }> {
  create(): { rung: number } {
    return { rung: 0 };
  }
  @Alarm()
  @Handles(begin)
  begin(): void {
    this.setAlarm('begin', 0);
    this.state.rung += 1;
  }
}

describe('what has ended in a test', () => {
  it('takes no call, as on a server', () => {
    const room = testRoom(Table);
    room.join('ann');
    room.call(finish, undefined, 'ann');
    expect(() => room.call(finish, undefined, 'ann')).toThrow(expect.objectContaining({ code: 'NO_ENTITY' }));
  });

  it('takes no members either, and rings no alarm', () => {
    const room = testRoom(Table);
    room.join('ann');
    room.call(finish, undefined, 'ann');
    const noEntity = expect.objectContaining({ code: 'NO_ENTITY' }) as Error;
    expect(() => room.join('bob')).toThrow(noEntity);
    expect(() => room.leave('ann')).toThrow(noEntity);
    expect(() => room.reserveSeats(['bob'], 1_000)).toThrow(noEntity);
    room.away('ann');
    expect([room.members, room.instance.isAway('ann')]).toEqual([['ann'], false]);
    const two = testEntity(Fuse);
    two.call(light, undefined);
    two.advance(1_000);
    expect([two.hasEnded, two.state.rung]).toEqual([true, ['first']]);
  });

  it('is made anew by a call where its class says so', () => {
    const one = testEntity(Purse);
    expect([one.call(pay, undefined), one.call(pay, undefined)]).toEqual([1, 2]);
    one.call(lose, undefined);
    expect(one.call(pay, undefined)).toBe(1);
  });
});

it('a bug of a handler is told by its own words in a test, which has no log', () => {
  const radio = entity({ serverType: 'play', name: 'radio' });
  const tune = radio.serverHandler('tune');
  const listen = radio.serverHandler('listen', { input: 'query' });
  const bug = new TypeError('stations is not iterable');
  @Entity(radio)
  class Radio extends EntityOf {
    create(): object {
      return {};
    }
    @Handles(tune)
    tune(): void {
      throw bug;
    }
    @Handles(listen)
    listen(): void {
      throw bug;
    }
  }
  const one = testEntity(Radio);
  const told = { code: 'INTERNAL', message: 'stations is not iterable', cause: bug };
  for (const contract of [tune, listen])
    expect(() => one.call(contract, undefined)).toThrow(expect.objectContaining(told));
});

it('a handler that asks for the calling player is refused to a server that asks for itself', () => {
  const log = entity({ serverType: 'play', name: 'log' });
  const sign = log.serverHandler('sign', { result: String });
  @Entity(log, { createOnCall: true })
  class Log extends EntityOf<{ signed: number }> {
    create(): { signed: number } {
      return { signed: 0 };
    }
    @Handles(sign)
    sign(_: unknown, { callingPlayer }: EntityCall): string {
      this.state.signed += 1;
      return callingPlayer;
    }
  }
  const one = testEntity(Log);
  expect(one.call(sign, undefined, 'ann')).toBe('ann');
  expect(() => one.call(sign, undefined)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  expect(one.state.signed).toBe(1);
});

it('members of a room in a test leave when they are away for too long, by its own time', () => {
  const room = testRoom(Bench);
  for (const playerId of ['ann', 'bob', 'cy', 'bot']) room.join(playerId);
  room.away('ann');
  room.away('cy');
  room.advance(900);
  room.moveToAnotherServer();
  room.back('cy');
  room.leave('bob', 'banned');
  room.advance(2_000);
  expect(room.state.left).toEqual(['bob banned 900', 'ann timeout 1000']);
  expect(room.members).toEqual(['cy', 'bot']);
});

it('an alarm that sets itself for at once rings each 100 ms, as on a server, and the test ends', () => {
  const one = testEntity(Restless);
  one.call(begin, undefined);
  one.advance(1_000);
  expect(one.state.rung).toBe(12);
});
