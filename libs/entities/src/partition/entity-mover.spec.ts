import { isDeepStrictEqual } from 'node:util';
import { untilHolds } from '@ccgame/testing';
import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { type EntityClass, Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { EntityPartition } from './entity-partition.js';
import type { VersionCalls } from './entity-mover.js';

const lobby = entity({ serverType: 'play', name: 'lobby', partitions: 1 });
const hit = lobby.serverHandler('hit', { result: Number });
const close = lobby.serverHandler('close');

interface LobbyState {
  hits: number;
  isOver?: boolean;
  told?: string[];
}

@Room(lobby, { tickHz: 20, onRelease: 'move', record: true })
class Lobby extends RoomOf<LobbyState> {
  create(): LobbyState {
    return { hits: 0 };
  }
  override away(playerId: string): void {
    (this.state.told ??= []).push(`${playerId} away`);
  }
  @Handles(hit)
  hit(): number {
    return (this.state.hits += 1);
  }
  @Handles(close)
  close(): void {
    this.state.isOver = true;
  }
  tick(): void {
    if (this.state.isOver) this.end();
  }
}

let onDowngrade = (): void => undefined;

@Room(lobby, { tickHz: 20, onRelease: 'move', stateVersion: 2 })
class NewLobby extends RoomOf<LobbyState> {
  create(): LobbyState {
    return { hits: 0 };
  }
  override downgrade(state: LobbyState): LobbyState {
    onDowngrade();
    return state;
  }
  @Handles(hit)
  hit(): number {
    return (this.state.hits += 1);
  }
  tick(): void {}
}

const book = entity({ serverType: 'play', name: 'book', partitions: 1 });
const write = book.serverHandler('write', { payload: String });

@Entity(book, { createOnCall: true, stateVersion: 2, maxStateBytes: 1_000 })
class NewBook extends EntityOf<{ text: string }> {
  create(): { text: string } {
    return { text: '' };
  }
  override downgrade(state: { text: string }): { text: string } {
    onDowngrade();
    return state;
  }
  @Handles(write)
  write(text: string): void {
    this.state.text += text;
  }
}

@Entity(book, { createOnCall: true })
class Book extends EntityOf<{ text: string }> {
  create(): { text: string } {
    return { text: '' };
  }
  @Handles(write)
  write(text: string): void {
    this.state.text += text;
  }
}

const statesOf = (owner: EntityPartition): object[] =>
  owner.liveEntities().map(({ live }) => live.instance.state);

const waiting = { timeoutMs: 4_000 };
const untilStates = (owner: EntityPartition, states: object[]): Promise<void> =>
  untilHolds(() => isDeepStrictEqual(statesOf(owner), states), {
    ...waiting,
    seen: () => JSON.stringify(statesOf(owner)),
  });

describe('an entity that moves to another version', () => {
  let owners: PartitionOwners;
  let isReleased: boolean;

  beforeAll(async () => {
    owners = await PartitionOwners.start();
  });
  beforeEach(() => {
    isReleased = false;
    onDowngrade = () => undefined;
  });
  afterAll(() => owners.stop());

  const old = '1.0.0000';
  const newer = '2.0.0000';
  const callsTo = (other: EntityPartition): VersionCalls => ({
    tryTaking: (_version, key, stateVersion) => other.tryTaking(key, stateVersion),
    take: (_version, key, offered) => other.take(key, offered),
  });
  const heirIs = (version: string) => (): string | undefined => (isReleased ? version : undefined);

  async function ownBoth(
    key: string,
    classes: { old: EntityClass; newer: EntityClass },
  ): Promise<Record<'old' | 'newer', EntityPartition>> {
    const older = await owners.own({ key, version: old, classes: [classes.old] });
    const its = { versions: callsTo(older), heir: heirIs(old) };
    return { old: older, newer: await owners.own({ key, version: newer, classes: [classes.newer], ...its }) };
  }

  it('goes on there, though that version has had another one of its id', async () => {
    const key = 'leftover';
    const there = await owners.own({ key, version: newer, classes: [Lobby] });
    await there.receive(callOf('lobby', 'l', 'create', 'null', { builtIn: 'create' }));
    await there.receive(callOf('lobby', 'l', 'close'));
    await untilHolds(() => there.liveEntities().length === 0, waiting);
    const its = { versions: callsTo(there), heir: heirIs(newer) };
    const here = await owners.own({ key, version: old, classes: [Lobby], ...its });
    await here.receive(callOf('lobby', 'l', 'create', 'null', { builtIn: 'create' }));
    isReleased = true;
    await untilStates(there, [{ hits: 0 }]);
    expect(await there.receive(callOf('lobby', 'l', 'hit'))).toBe(1);
    await untilHolds(() => here.liveEntities().length === 0, waiting);
  });

  it('takes an input along that comes while the older state is made', async () => {
    const both = await ownBoth('race', { old: Lobby, newer: NewLobby });
    await both.newer.receive(callOf('lobby', 'r', 'create', 'null', { builtIn: 'create' }));
    await both.newer.receive(callOf('lobby', 'r', 'hit'));
    const comes = new Promise<unknown>((answered) => {
      onDowngrade = () => {
        onDowngrade = () => undefined;
        // It was in the same read of the socket.
        queueMicrotask(() => answered(both.newer.receive(callOf('lobby', 'r', 'hit'))));
      };
    });
    isReleased = true;
    const answer = await comes.catch(() => both.old.receive(callOf('lobby', 'r', 'hit')));
    expect(answer).toBe(2);
    await untilStates(both.old, [{ hits: 2 }]);
  });

  it('takes nothing along of an input that is refused with the last ones', async () => {
    const both = await ownBoth('refused', { old: Book, newer: NewBook });
    await both.newer.receive(callOf('book', 'b', 'write', 'hello'));
    const comes = new Promise<unknown>((answered) => {
      onDowngrade = () => {
        onDowngrade = () => undefined;
        answered(both.newer.receive(callOf('book', 'b', 'write', 'x'.repeat(2_000))));
      };
    });
    isReleased = true;
    await expect(comes).rejects.toMatchObject({ code: 'STATE_TOO_LARGE' });
    await untilStates(both.old, [{ text: 'hello' }]);
  });

  it('is offered no more once it was taken back, though an input is refused then', async () => {
    const take = (): Promise<never> => {
      isReleased = false;
      return Promise.reject(new Error('nobody answers'));
    };
    const here = await owners.own({
      key: 'taken-back',
      version: newer,
      classes: [NewBook],
      heir: heirIs(old),
      versions: { tryTaking: () => Promise.resolve(1), take },
    });
    await here.receive(callOf('book', 'k', 'write', 'hello'));
    isReleased = true;
    const [held] = here.liveEntities();
    await untilHolds(() => !isReleased && !held.isFrozen, waiting);
    const refused = here.receive(callOf('book', 'k', 'write', 'x'.repeat(2_000)));
    await expect(refused).rejects.toMatchObject({ code: 'STATE_TOO_LARGE' });
    expect(held.live.offer).toBeUndefined();
  });

  it('stays, and goes on, where its code throws only when the last state is made', async () => {
    const both = await ownBoth('throws', { old: Lobby, newer: NewLobby });
    await both.newer.receive(callOf('lobby', 't', 'create', 'null', { builtIn: 'create' }));
    let tries = 0;
    onDowngrade = () => {
      tries += 1;
      if (tries > 1) throw new Error('a bug');
    };
    isReleased = true;
    await untilHolds(() => tries === 2, waiting);
    expect(await both.newer.receive(callOf('lobby', 't', 'hit'))).toBe(1);
    const [room] = both.newer.liveEntities();
    const { tick } = room.live;
    await untilHolds(() => room.live.tick > tick, waiting);
    expect(room.live.place).toEqual({ version: newer });
  });

  /** As SessionWatch: what is known already is told at once. */
  function sessionOf(): { sessions: object; end: () => void } {
    const listeners = new Set<(seen: unknown) => void>();
    let seen = { session: 's', isConnected: true };
    const watchSession = (_playerId: string, listener: (one: unknown) => void): (() => void) => {
      listeners.add(listener);
      listener(seen);
      return () => void listeners.delete(listener);
    };
    const end = (): void => {
      seen = { ...seen, isConnected: false };
      for (const listener of [...listeners]) listener(seen);
    };
    return { sessions: { watchSession }, end };
  }

  it('hears of a member who goes while its move fails', async () => {
    const { sessions, end } = sessionOf();
    const take = (): Promise<never> => {
      isReleased = false;
      end();
      return Promise.reject(new Error('nobody answers'));
    };
    const here = await owners.own({
      key: 'away',
      classes: [Lobby],
      sessions: sessions as never,
      heir: heirIs(newer),
      versions: { tryTaking: () => Promise.resolve(1), take },
    });
    await here.receive(callOf('lobby', 'm', 'create', 'null', { builtIn: 'create' }));
    await here.receive(callOf('lobby', 'm', 'join', 'ann', { builtIn: 'join' }));
    isReleased = true;
    await untilStates(here, [{ hits: 0, told: ['ann away'] }]);
  });

  /** Its owner is killed while the other version is asked to take it. */
  async function leaveOffered(key: string, id: string): Promise<void> {
    let hasOffered = (): void => undefined;
    const offered = new Promise<void>((resolve) => (hasOffered = resolve));
    const takeForever = (): Promise<never> => {
      hasOffered();
      return new Promise(() => undefined);
    };
    const first = await owners.own({
      key,
      classes: [Lobby],
      heir: heirIs(newer),
      versions: { tryTaking: () => Promise.resolve(1), take: takeForever },
    });
    await first.receive(callOf('lobby', id, 'create', 'null', { builtIn: 'create' }));
    isReleased = true;
    await offered;
    first.close();
    isReleased = false;
  }

  it('is recorded where a new owner takes it back that the old one had offered', async () => {
    const key = 'recorded';
    await leaveOffered(key, 'o');
    const recorded: string[] = [];
    const recordings = {
      beginRecording: ({ id }: HeldEntity) => void recorded.push(id),
      endRecording: () => Promise.resolve(),
    };
    const second = await owners.own({ key, classes: [Lobby], recordings: recordings as never });
    await untilHolds(() => recorded.join() === 'o', waiting);
    expect(await second.receive(callOf('lobby', 'o', 'hit'))).toBe(1);
  });

  it('stays stopped where it is taken back that was stopped while it was offered', async () => {
    const key = 'stopped';
    await leaveOffered(key, 's');
    let refuseIt = (): void => undefined;
    const refused = new Promise<never>((_, reject) => (refuseIt = () => reject(new Error('nobody answers'))));
    const hang = { isTold: true, what: 'tick' };
    const second = await owners.own({
      key,
      classes: [Lobby],
      hangs: { read: () => Promise.resolve(), hangsOf: () => [hang, hang] } as never,
      versions: { tryTaking: () => Promise.resolve(1), take: () => refused },
    });
    const [room] = second.liveEntities();
    await untilHolds(() => room.isStopStored, waiting);
    refuseIt();
    await untilHolds(() => !room.isFrozen, waiting);
    const stored = await owners.checkpointOf(key, 'lobby.s', true);
    expect(stored).toMatchObject({ stopped: '2 servers hung in it', version: old });
    expect(stored?.to).toBeUndefined();
    expect(await owners.lifeOfState(key, 'lobby.s', true)).toBe('604800s');
  });
});
