import { isDeepStrictEqual } from 'node:util';
import { type Client, connect } from '@ccgame/client';
import { NatsHealth } from '@ccgame/nats';
import type { RequestsOf } from '@ccgame/rpc';
import { AuditTrail, Moderation } from '@ccgame/sessions';
import { tokenOf, untilHolds } from '@ccgame/testing';
import { fog, type FogView, type walk } from '../../../proof/entities/fog-contracts.js';
import { PlayCluster } from './play-cluster.js';

/** As the SDK knows it. */
interface FogGame {
  requests: RequestsOf<{ walk: typeof walk }>;
  pushes: Record<never, never>;
  rooms: { 'play.fog': FogView };
}

const order = { by: 'olga', reason: 'sold gold' };
const near = (players: Record<string, number>): FogView => ({ near: players });

/** The pairs of docs/room-features.md that need a server each: two members in the fog, and spectators whose ids begin with `fan-`. */
describe('rooms together with what happens to their players', () => {
  let cluster: PlayCluster;
  let audit: AuditTrail;
  let moderation: Moderation;
  const clients: Client<FogGame>[] = [];

  beforeAll(async () => {
    cluster = await PlayCluster.start(1);
    await cluster.addConnector();
    const health = new NatsHealth(cluster.connection);
    audit = new AuditTrail(cluster.connection, health);
    moderation = new Moderation(cluster.connection, health, audit);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(async () => {
    moderation.onApplicationShutdown();
    audit.onApplicationShutdown();
    await cluster.stop();
  });

  function open(playerId: string): Client<FogGame> {
    const url = `http://127.0.0.1:${cluster.connectorPort}`;
    const client = connect<FogGame>({ url, token: () => tokenOf(playerId), version: '1.0.0000' });
    clients.push(client);
    return client;
  }

  /** A room of two members, who have its view. */
  async function openRoom(id: string, [first, second]: [string, string]) {
    await cluster.client.create(fog, id);
    for (const playerId of [first, second]) await cluster.client.join(fog, id, playerId);
    const both = [first, second].map((playerId) => {
      const client = open(playerId);
      return { client, room: client.room('play.fog') };
    });
    for (const { room } of both) await untilSeen(room, near({ [first]: 0, [second]: 0 }));
    return both as [(typeof both)[0], (typeof both)[0]];
  }

  async function untilSeen(room: { state: FogView | undefined }, wanted: FogView | undefined): Promise<void> {
    const seen = (): string => `${JSON.stringify(room.state)}, not ${JSON.stringify(wanted)}`;
    await untilHolds(() => isDeepStrictEqual(room.state, wanted), { seen, timeoutMs: 20_000 });
  }

  const untilClosed = (client: Client<FogGame>): Promise<void> =>
    untilHolds(() => client.state === 'closed', { timeoutMs: 20_000 });

  it('kick: a member comes back with a new session, is in the room as before, and sees it', async () => {
    const [ann, bob] = await openRoom('kicked', ['ann', 'bob']);
    await ann.client.request('play.walk', { to: 2 });
    await moderation.kickPlayer('ann', order);
    await untilClosed(ann.client);
    await untilSeen(bob.room, near({ ann: 2, bob: 0 }));
    const back = open('ann');
    const room = back.room('play.fog');
    await untilSeen(room, near({ ann: 2, bob: 0 }));
    await back.request('play.walk', { to: 3 });
    await untilSeen(bob.room, near({ ann: 3, bob: 0 }));
  });

  it('ban: a member’s seat is the game’s to free, and the player is let back into the room after it', async () => {
    const [cas, dan] = await openRoom('banned', ['cas', 'dan']);
    await moderation.banPlayer('cas', order);
    await untilClosed(cas.client);
    expect(dan.room.state).toEqual(near({ cas: 0, dan: 0 }));
    await expect(cluster.client.join(fog, 'banned', 'eli')).rejects.toMatchObject({ code: 'ROOM_FULL' });
    await cluster.client.leave(fog, 'banned', 'cas');
    await untilSeen(dan.room, near({ dan: 0 }));
    await moderation.unbanPlayer('cas', order);
    let back = open('cas');
    await untilHolds(async () => {
      const isIn = await back.ready.then(
        () => true,
        () => false,
      );
      if (!isIn) back = open('cas');
      return isIn;
    });
    await expect(back.request('play.walk', { to: 1 })).rejects.toMatchObject({ code: 'NOT_BOUND' });
    await cluster.client.join(fog, 'banned', 'cas');
    await back.request('play.walk', { to: 1 });
    await untilSeen(dan.room, near({ cas: 1, dan: 0 }));
  });

  it('spectators: one who is banned sees no more, and the others do', async () => {
    await openRoom('watched', ['fay', 'gil']);
    const [eve, fred] = ['fan-eve', 'fan-fred'].map(open);
    const rooms = [eve, fred].map((fan) => fan.room('play.fog', 'watched'));
    for (const room of rooms) await untilSeen(room, { players: 2 });
    await moderation.banPlayer('fan-eve', order);
    await untilClosed(eve);
    await cluster.client.leave(fog, 'watched', 'gil');
    await untilSeen(rooms[1], { players: 1 });
    expect(rooms[0].state).not.toEqual({ players: 1 });
  });

  it('spectators and members: a player who joins sees as a member, and as a spectator after leaving', async () => {
    const [hal] = await openRoom('joined', ['hal', 'ian']);
    await cluster.client.leave(fog, 'joined', 'ian');
    const joe = open('fan-joe');
    const watched = joe.room('play.fog', 'joined');
    await untilSeen(watched, { players: 1 });
    await cluster.client.join(fog, 'joined', 'fan-joe');
    await untilSeen(watched, near({ hal: 0, 'fan-joe': 0 }));
    await joe.request('play.walk', { to: 4 });
    await untilSeen(hal.room, near({ hal: 0, 'fan-joe': 4 }));
    await cluster.client.leave(fog, 'joined', 'fan-joe');
    watched.close();
    await untilSeen(joe.room('play.fog', 'joined'), { players: 1 });
    await expect(joe.request('play.walk', { to: 5 })).rejects.toMatchObject({ code: 'NOT_BOUND' });
  });

  it('resume: members and spectators see the room again when their connector was killed', async () => {
    const [kim, lea] = await openRoom('resumed', ['kim', 'lea']);
    const fan = open('fan-max').room('play.fog', 'resumed');
    await untilSeen(fan, { players: 2 });
    await cluster.killConnector();
    await kim.client.request('play.walk', { to: 5 });
    await untilSeen(lea.room, near({ kim: 5, lea: 0 }));
    await cluster.client.leave(fog, 'resumed', 'kim');
    await untilSeen(fan, { players: 1 });
    await untilSeen(kim.room, undefined);
  });

  it('kick and seats: a seat that is kept for a player is the player’s in another session, too', async () => {
    const [nat] = await openRoom('seated', ['nat', 'olaf']);
    await cluster.client.leave(fog, 'seated', 'nat');
    await cluster.client.reserveSeats(fog, 'seated', ['nat'], 60_000);
    await moderation.kickPlayer('nat', order);
    await untilClosed(nat.client);
    await expect(cluster.client.join(fog, 'seated', 'pia')).rejects.toMatchObject({ code: 'ROOM_FULL' });
    const back = open('nat');
    await back.ready;
    await cluster.client.join(fog, 'seated', 'nat');
    await untilSeen(back.room('play.fog'), near({ nat: 0, olaf: 0 }));
  });
});
