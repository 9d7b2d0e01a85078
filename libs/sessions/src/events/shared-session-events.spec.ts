import type { INestApplicationContext } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import { calmTime, type NatsServer, startNats } from '@ccgame/testing';
import { NotRead } from '@ccgame/jetstream';
import { headers } from '@nats-io/nats-core';
import { openProcess, sleep, until } from '../../test/process.js';
import { SessionClaims } from '../claims/session-claims.js';
import type { SharedSessionEvent } from './player-teller.js';
import { SharedSessionEvents } from './shared-session-events.js';
import { ToldSessions } from './told-sessions.js';

describe('the servers of a type that listen to all sessions', () => {
  let nats: NatsServer;
  let connectors: INestApplicationContext[];
  let first: SessionClaims;
  let second: SessionClaims;
  const lobbies = new Set<INestApplicationContext>();
  const all: (SharedSessionEvent & { by: string })[] = [];

  beforeEach(async () => {
    nats = await startNats();
    connectors = [
      await openProcess('connector-0', nats.address, [SessionClaims]),
      await openProcess('connector-1', nats.address, [SessionClaims]),
    ];
    first = connectors[0].get(SessionClaims);
    second = connectors[1].get(SessionClaims);
  });
  afterEach(async () => {
    await Promise.all([...connectors.map((app) => app.close()), ...[...lobbies].map(closeLobby)]);
    all.length = 0;
    await nats.destroy();
  });

  async function addLobby(
    serverId: string,
    handle: (event: SharedSessionEvent) => void | Promise<void> = () => undefined,
  ): Promise<INestApplicationContext> {
    const app = await openProcess(serverId, nats.address, [SharedSessionEvents]);
    lobbies.add(app);
    await app.get(SharedSessionEvents).watchAll(async (event) => {
      await handle(event);
      all.push({ ...event, by: serverId });
    });
    return app;
  }
  async function closeLobby(app: INestApplicationContext): Promise<void> {
    lobbies.delete(app);
    await app.close();
  }
  const claim = (playerId: string, socket: string, session?: string) => ({
    playerId,
    socket,
    version: '1.0.0000',
    session,
    refuseSecond: false,
  });
  const of = (playerId: string, events = all): string[] =>
    events
      .filter((event) => event.playerId === playerId)
      .map(({ kind, why }) => [kind, why].filter((part) => part !== undefined).join(' '));
  const playersOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `player-${n}`);

  it('are told each event of each player once, shared among them, and in order', async () => {
    await addLobby('lobby-0');
    await addLobby('lobby-1');
    const players = playersOf(40);
    await Promise.all(
      players.map(async (playerId) => {
        const held = await first.claimSession(claim(playerId, 'a'));
        await until(() => of(playerId).length === 1);
        await first.renewClaim(playerId, held);
        const moved = await second.claimSession(claim(playerId, 'b', held.record.session));
        await until(() => of(playerId).length === 2);
        await second.releaseClaim(playerId, moved, { why: 'transport close' });
        await until(() => of(playerId).length === 3);
        const back = await first.claimSession(claim(playerId, 'c', held.record.session));
        await until(() => of(playerId).length === 4);
        await first.releaseClaim(playerId, back, { why: 'BANNED', isOver: true });
        await until(() => of(playerId).length === 5);
      }),
    );
    for (const playerId of players)
      expect(of(playerId)).toEqual(['opened', 'resumed', 'away transport close', 'back', 'closed BANNED']);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ by }) => by))).toEqual(new Set(['lobby-0', 'lobby-1']));
  });

  it('go on from what was told when one of them stops, and when all were away', async () => {
    const lobby = await addLobby('lobby-0');
    const next = await addLobby('lobby-1');
    const players = playersOf(30);
    const held = await Promise.all(players.map((playerId) => first.claimSession(claim(playerId, 'a'))));
    await until(() => all.length === 30);
    await closeLobby(lobby);
    await Promise.all(players.map((playerId, n) => first.releaseClaim(playerId, held[n], { why: 'left' })));
    await until(() => all.length === 60);
    await closeLobby(next);
    await Promise.all(
      players.map((playerId, n) => second.claimSession(claim(playerId, 'b', held[n].record.session))),
    );
    await second.claimSession(claim('newcomer', 'a'));
    await addLobby('lobby-2');
    await until(() => all.length === 91);
    for (const playerId of players) expect(of(playerId)).toEqual(['opened', 'away left', 'back']);
    expect(of('newcomer')).toEqual(['opened']);
    await sleep(500);
    expect(all).toHaveLength(91);
  });

  it('repeat an event whose server died in its handler, under its id and before the later ones', async () => {
    let dying: SharedSessionEvent | undefined;
    let endHandler: () => void = () => undefined;
    const app = await addLobby('lobby-0', (event) => {
      dying = event;
      return new Promise((_, reject) => (endHandler = () => reject(new Error('killed'))));
    });
    const held = await first.claimSession(claim('anna', 'a'));
    await until(() => dying !== undefined);
    // As by SIGKILL: it says nothing to anybody.
    await app.get<NatsConnection>(NATS_CONNECTION).close();
    await addLobby('lobby-1');
    await until(() => all.length === 1);
    await first.releaseClaim('anna', held, { why: 'left' });
    await until(() => all.length === 2);
    expect(of('anna')).toEqual(['opened', 'away left']);
    expect(all[0].id).toBe(dying?.id);
    endHandler();
    await closeLobby(app);
    expect(all).toHaveLength(2);
  });

  it('call a handler again that failed, and hold that player’s later events back', async () => {
    const failures: string[] = [];
    await addLobby('lobby-0', ({ playerId, kind }) => {
      if (playerId !== 'anna' || failures.length === 2) return;
      failures.push(kind);
      throw new Error('thrown by a game');
    });
    await first.claimSession(claim('anna', 'a'));
    await first.claimSession(claim('ben', 'a'));
    await until(() => all.length === 2);
    expect(failures).toEqual(['opened', 'opened']);
    expect(all.map(({ playerId }) => playerId)).toEqual(['ben', 'anna']);
  });

  it('are told of all other players while a handler never ends, also of those who come back to its server, and stop', async () => {
    const stuck = new Set<string>();
    const stuckLobby = await addLobby('lobby-0', ({ playerId }) => {
      if (!playerId.startsWith('player-')) return;
      stuck.add(playerId);
      return new Promise(() => undefined);
    });
    const players = playersOf(20);
    await Promise.all(players.map((playerId) => first.claimSession(claim(playerId, 'a'))));
    await until(() => stuck.size === players.length);
    const next = await addLobby('lobby-1');
    // A half of them is that server's now.
    await until(() => all.length > 0);
    await closeLobby(next);
    const late = players.map((playerId) => `late-${playerId}`);
    await Promise.all(late.map((playerId) => first.claimSession(claim(playerId, 'a'))));
    await until(() => late.every((playerId) => of(playerId).length === 1));
    // A quarter of the time that calls have, which is 1 s here.
    const calmMs = calmTime();
    await closeLobby(stuckLobby);
    expect(calmMs()).toBeLessThan(900);
  });

  it('are told of a player of whom it could not be read what was told, and whose claim was refused', async () => {
    await addLobby('lobby-0');
    let failRead: (error: Error) => void = () => undefined;
    const read = jest.spyOn(ToldSessions.prototype, 'readTold');
    read.mockImplementationOnce(() => new Promise((_, reject) => (failRead = reject)));
    const people = connectors[0].get<NatsConnection>(NATS_CONNECTION);
    const refused = headers();
    refused.set('Nats-Expected-Last-Subject-Sequence', '99');
    const record = { session: 's', serverId: 'connector-0', version: '1.0.0000', isConnected: true };
    const write = (socket: string) =>
      people.request('$KV.sessions.anna', JSON.stringify({ ...record, socket }), {
        headers: refused,
        timeout: 5_000,
      });
    await write('a');
    await until(() => read.mock.calls.length === 1);
    await write('b');
    await first.claimSession(claim('ben', 'a'));
    await until(() => of('ben').length === 1);
    failRead(new NotRead('away'));
    await sleep(500);
    await first.claimSession(claim('anna', 'c'));
    await until(() => of('anna').length === 1);
    read.mockRestore();
  });

  it('are told of players whose connector died, and once more of none when they start anew', async () => {
    const lobby = await addLobby('lobby-0');
    const dying = await openProcess('connector-2', nats.address, [SessionClaims]);
    const { record } = await dying.get(SessionClaims).claimSession(claim('ben', 'a'));
    await until(() => all.length === 1);
    await dying.close();
    await until(() => all.length === 2);
    await closeLobby(lobby);
    await addLobby('lobby-1');
    // Longer than it takes to doubt a record that says that the player is connected.
    await sleep(4_000);
    expect(of('ben')).toEqual(['opened', 'away connector-gone']);
    await first.claimSession(claim('ben', 'b', record.session));
    await until(() => all.length === 3);
    expect(of('ben').at(-1)).toBe('back');
  });
});
