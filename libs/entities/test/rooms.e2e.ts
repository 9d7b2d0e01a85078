import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Client, connect } from '@ccgame/client';
import type { RequestsOf } from '@ccgame/rpc';
import { tokenOf } from '@ccgame/testing';
import { grid, look, type RoomView } from '../../../proof/entities/contracts.js';
import type { walk } from '../../../proof/entities/fog-contracts.js';
import { fog, type FogView } from '../../../proof/entities/fog-contracts.js';
import { Player } from '../../edge/test/player.js';
import { PlayCluster } from './play-cluster.js';
import { viewFrom } from './seen-view.js';

/** As the SDK knows it. */
interface FogGame {
  requests: RequestsOf<{ walk: typeof walk }>;
  pushes: Record<never, never>;
  rooms: { 'play.fog': FogView };
}

const members = ['ann', 'bob', 'cy', 'di'];

describe('a room', () => {
  let cluster: PlayCluster;

  beforeAll(async () => {
    cluster = await PlayCluster.start(2);
  });
  afterAll(() => cluster.stop());

  const view = (id: string): Promise<RoomView> => cluster.client.call(look, id, undefined);

  async function openRoom(id: string): Promise<void> {
    await cluster.client.create(grid, id);
    for (const member of members) await cluster.client.join(grid, id, member);
  }

  function openClient(playerId: string): Client<FogGame> {
    const url = `http://127.0.0.1:${cluster.connectorPort}`;
    return connect<FogGame>({ url, token: () => tokenOf(playerId), version: '1.0.0000' });
  }

  async function untilIs(read: () => unknown, wanted: unknown): Promise<void> {
    const endsAt = performance.now() + 20_000;
    for (;;) {
      const value = await read();
      if (isDeepStrictEqual(value, wanted)) return;
      if (performance.now() > endsAt) return expect(value).toEqual(wanted);
      await sleep(10);
    }
  }

  /** Resolves when the room has ticked on. */
  async function untilTick(id: string, tick: number): Promise<RoomView> {
    for (;;) {
      const seen = await view(id);
      if (seen.tick >= tick) return seen;
      await sleep(10);
    }
  }

  /**
   * A tick between the whole view and the moment in which the connector hears the room is missed: a client asks again then, and so does this.
   *
   * @returns the number of the push from which on none was missed
   */
  async function followView(player: Player, room: string): Promise<number> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const from = player.pushes.length;
      // No timestamp of its own: those of the moves count up.
      const { error, data } = await player.ask({ route: 'play.grid_view', data: {} });
      expect([error, data]).toEqual([undefined, { room: `play.${room}` }]);
      const changes = (): unknown[] =>
        player.pushes.slice(from).filter(({ route }) => route === 'room.change');
      await player.until(() => changes().length >= 3);
      if (viewFrom(player.pushes.slice(from), `play.${room}`).missed === 0) return from;
    }
    throw new Error('The view had a gap five times');
  }

  it('ticks, has its members, and refuses a fifth', async () => {
    await openRoom('members');
    const seen = await untilTick('members', 20);
    expect(seen).toMatchObject({ members, moves: 0, rolls: [expect.any(Number)] });
    await untilIs(() => cluster.metric('ccgame_entities_partitions_owned'), grid.partitions);
    await expect(cluster.client.join(grid, 'members', 'eve')).rejects.toMatchObject({ code: 'ROOM_FULL' });
    await expect(cluster.client.create(grid, 'members')).rejects.toMatchObject({ code: 'ENTITY_EXISTS' });
    await cluster.client.leave(grid, 'members', 'di');
    expect((await view('members')).members).toEqual(['ann', 'bob', 'cy']);
    await cluster.client.reserveSeats(grid, 'members', ['fay'], 60_000);
    await expect(cluster.client.join(grid, 'members', 'eve')).rejects.toMatchObject({ code: 'ROOM_FULL' });
    await cluster.client.join(grid, 'members', 'fay');
  });

  it('is no room before it was created', async () => {
    await expect(view('nowhere')).rejects.toMatchObject({ code: 'NO_ENTITY' });
  });

  it('goes on in a planned move with the next tick, and the same dice', async () => {
    await openRoom('moved');
    const before = await untilTick('moved', 25);
    const owner = await cluster.ownerOf(grid.keyOf('moved'));
    await owner.stop(10_000);
    const after = await view('moved');
    expect(after.tick).toBeGreaterThanOrEqual(before.tick);
    expect(after.rolls.slice(0, before.rolls.length)).toEqual(before.rolls);
    expect(after.members).toEqual(members);
    owner.start();
    await owner.untilReady();
    await untilTick('moved', after.tick + 40);
  });

  it('goes on from its last stored inputs when its server is killed, with the same dice', async () => {
    await openRoom('killed');
    const before = await untilTick('killed', 45);
    const owner = await cluster.ownerOf(grid.keyOf('killed'));
    await owner.kill();
    const killedAt = performance.now();
    const after = await view('killed');
    process.stdout.write(`a killed room answers after ${Math.round(performance.now() - killedAt)} ms\n`);
    const told = Math.min(before.rolls.length, after.rolls.length);
    expect(after.rolls.slice(0, told)).toEqual(before.rolls.slice(0, told));
    expect(after.rolls.length).toBeGreaterThanOrEqual(before.rolls.length);
    expect(after.members).toEqual(members);
    const later = await untilTick('killed', after.tick + 10);
    expect(later.tick).toBeGreaterThan(after.tick);
    expect(await cluster.metric('ccgame_entities_divergences_total')).toBe(0);
    owner.start();
    await owner.untilReady();
  });

  it('is reached by players who name none, and reaches them, also when its server is killed under their hands', async () => {
    const port = await cluster.addConnector();
    await openRoom('played');
    const ann = await Player.openSession(port, 'ann');
    let moves = 0;
    const moveOn = async (): Promise<{ data?: RoomView; error?: { code: string } }> => {
      const data = { to: 'left' };
      const answer = await ann.ask({ route: 'play.move', data, timestamp: (moves += 1) });
      expect(answer).toMatchObject({ data: { moves, members } });
      return answer;
    };
    const seenSince = await followView(ann, 'grid.played');
    for (let count = 0; count < 5; count += 1) await moveOn();
    const owner = await cluster.ownerOf(grid.keyOf('played'));
    // On their way at once, and applied in their order all the same.
    const crowd = async (): Promise<void> => {
      const numbers = Array.from({ length: 20 }, () => (moves += 1));
      const send = { route: 'play.move', data: { to: 'left' } };
      for (const timestamp of numbers) ann.socket.emit('Request', { ...send, timestamp });
      const answerTo = (number: number): unknown =>
        ann.responses.find((response: { timestamp?: number }) => response.timestamp === number);
      await ann.until(() => numbers.every((number) => answerTo(number) !== undefined));
      for (const number of numbers) expect(answerTo(number)).toMatchObject({ data: { moves: number } });
    };
    await crowd();
    const underWay = crowd();
    const killed = owner.kill();
    await Promise.all([underWay, crowd()]);
    await killed;
    const { rolls } = await untilTick('played', 65);
    // The player is a member of other rooms too.
    const rolled = (): unknown[] =>
      ann.of('grid.rolled').filter((push) => (push as { roomId: string }).roomId === 'played');
    await ann.until(() => rolled().length >= rolls.length);
    expect(rolled().slice(0, rolls.length)).toEqual(rolls.map((roll) => ({ roomId: 'played', roll })));
    const seen = () => viewFrom<{ moves: number }>(ann.pushes.slice(seenSince), 'play.grid.played');
    await ann.until(() => seen().state?.moves === moves && seen().streams === 2);
    expect(seen()).toMatchObject({ missed: 0, state: { players: { ann: { x: -moves, y: 0 } } } });
    const stranger = await Player.openSession(port, 'eve');
    let asked = 0;
    const codeOf = async (data: object): Promise<unknown> => {
      const { error } = await stranger.ask({ route: 'play.move', data, timestamp: (asked += 1) });
      return error?.code;
    };
    expect(await codeOf({ roomId: 'played', to: 'up' })).toBe('NOT_ADMITTED');
    expect(await codeOf({ to: 'up' })).toBe('NOT_BOUND');
    const look = { route: 'play.grid_view', data: { roomId: 'played' }, timestamp: (asked += 1) };
    expect((await stranger.ask(look)).error).toMatchObject({ code: 'NOT_ADMITTED' });
    expect(stranger.of('room.state')).toEqual([]);
    // The view has a limit of its own: fifty at once.
    const before = stranger.responses.length;
    for (let count = 0; count < 80; count += 1)
      stranger.socket.emit('Request', { ...look, timestamp: (asked += 1) });
    await stranger.until(() => stranger.responses.length === before + 80);
    const codes = stranger.responses.slice(before).map(({ error }): unknown => error?.code);
    expect(codes).toContain('RATE_LIMITED');
    expect(codes.filter((code) => code === 'NOT_ADMITTED').length).toBeGreaterThanOrEqual(49);
    for (const player of [ann, stranger]) player.socket.disconnect();
    owner.start();
    await owner.untilReady();
  });

  it('shows each of its members what that one may see, and spectators what all may, also at its next owner', async () => {
    const clients = ['ann', 'bob', 'fan-eve', 'dan'].map(openClient);
    await cluster.client.create(fog, 'moor');
    const find = async (): Promise<string[]> => {
      const { rooms } = await cluster.client.find(fog, { labels: { map: 'moor' }, hasSeats: true });
      return rooms.map(({ id, members: count }) => `${id} ${count}`);
    };
    await untilIs(find, ['moor 0']);
    await cluster.client.join(fog, 'moor', 'ann');
    await cluster.client.reserveSeats(fog, 'moor', ['bob'], 60_000);
    // The seat that is left is kept for somebody.
    await untilIs(find, []);
    await cluster.client.reserveSeats(fog, 'moor', ['bob'], 0);
    await untilIs(find, ['moor 1']);
    await cluster.client.join(fog, 'moor', 'bob');
    await untilIs(find, []);
    const [ann, bob, fan, dan] = clients;
    const rooms = [ann.room('play.fog'), bob.room('play.fog')];
    rooms.push(...[fan, dan].map((one) => one.room('play.fog', 'moor')));
    // The fan's own room, who is in none.
    rooms.push(fan.room('play.fog'));
    const seen = rooms.map(() => [] as string[]);
    rooms.forEach((room, at) => room.onChange((state) => seen[at]?.push(JSON.stringify(state))));
    const states = (): unknown[] => rooms.map(({ state }) => state);
    const both = { near: { ann: 0, bob: 0 } };
    await untilIs(states, [both, both, { players: 2 }, undefined, undefined]);
    await bob.request('play.walk', { to: 77 });
    const parted = [{ near: { ann: 0 } }, { near: { bob: 77 } }, { players: 2 }, undefined, undefined];
    await untilIs(states, parted);
    const owner = await cluster.ownerOf(fog.keyOf('moor'));
    await owner.stop(10_000);
    await ann.request('play.walk', { to: -8 });
    const [, far] = parted;
    await untilIs(states, [{ near: { ann: -8 } }, far, { players: 2 }, undefined, undefined]);
    await cluster.client.leave(fog, 'moor', 'bob');
    await untilIs(states, [{ near: { ann: -8 } }, undefined, { players: 1 }, undefined, undefined]);
    await untilIs(find, ['moor 1']);
    // Nobody was ever shown what is in the fog.
    expect([seen[0], seen[2]].join()).not.toContain('77');
    expect(seen[1]?.join()).not.toContain('-8');
    expect([seen[3], seen[4]]).toEqual([[], []]);
    owner.start();
    await owner.untilReady();
    for (const client of clients) client.close();
  });

  it('is the one in which a player is by then, also after the connector was killed', async () => {
    const first = await Player.openSession(cluster.connectorPort, 'bob');
    let asked = 0;
    const moveBy = async (player: Player): Promise<unknown> => {
      const { data, error } = await player.ask({
        route: 'play.move',
        data: { to: 'up' },
        timestamp: (asked += 1),
      });
      return (error as { code: string } | undefined)?.code ?? (data as RoomView).moves;
    };
    for (const id of ['left-later', 'next']) await cluster.client.create(grid, id);
    await cluster.client.join(grid, 'left-later', 'bob');
    expect([await moveBy(first), await moveBy(first)]).toEqual([1, 2]);
    await cluster.client.leave(grid, 'left-later', 'bob');
    expect(await moveBy(first)).toBe('NOT_BOUND');
    await cluster.client.join(grid, 'next', 'bob');
    expect(await moveBy(first)).toBe(1);
    const { resume } = first;
    await cluster.killConnector();
    const second = await Player.openSession(cluster.connectorPort, 'bob', resume);
    expect(second.opened).toMatchObject({ session: resume.session });
    expect(await moveBy(second)).toBe(2);
    second.socket.disconnect();
  });
});
