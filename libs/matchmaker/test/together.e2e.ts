import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { backfillHandlers } from '../src/contracts/backfill.js';
import {
  matchCreatedSubject,
  matchesStream,
  playedMatchesStream,
  ticketSubject,
} from '../src/contracts/matches.js';
import { untilHolds } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import { type Player, until } from './player.js';

const duel = { name: 'duel-together', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], backfill: true };
const checked = { ...duel, name: 'checked-together', readyCheckMs: 15_000 };
const pairs = { ...checked, name: 'pairs-together', teamSize: 2, maxParty: 2, backfill: false };
const cast = {
  ...checked,
  name: 'cast-together',
  teams: 1,
  teamSize: 2,
  backfill: false,
  roles: { perTeam: { tank: 1, healer: 1 } },
};

/** The pairs of docs/matching-features.md that need a server each. */
describe('features that an ordinary game uses together', () => {
  let cluster: Cluster;
  let report: (matchId: string, scores: Record<string, number>) => Promise<number>;

  beforeAll(async () => {
    cluster = await Cluster.start(1, [duel, checked, pairs, cast]);
    report = await cluster.addHttp();
  });
  afterAll(() => cluster.stop());

  const two = async (): Promise<[Player, Player]> => (await cluster.some(2)) as never;
  const accept = (player: Player, matchId: string) => player.ask('matching.user_accept_match', { matchId });
  const request = (data: object) => cluster.rpc.doRPC({ handler: backfillHandlers.request }, data as never);

  async function playing(): Promise<{ matchId: string; players: [Player, Player] }> {
    const players = await two();
    await Promise.all(players.map((player) => player.join(duel.name)));
    return { matchId: (await players[0].pushed('matched')).matchId, players };
  }

  it('backfill and results: a player who joined a running match later is in its result, and a stranger is not', async () => {
    const { matchId, players } = await playing();
    const [anna, ben] = players;
    await request({ matchId, places: [1] });
    const cleo = await cluster.player();
    await cleo.join(duel.name);
    expect(await cleo.pushed('matched')).toMatchObject({ matchId, isBackfill: true });
    expect(await report(matchId, { [anna.id]: 1, stranger: 3 })).toBe(409);
    const scores = { [anna.id]: 1, [ben.id]: 2, [cleo.id]: 3 };
    expect(await report(matchId, scores)).toBe(200);
    expect(await report(matchId, scores)).toBe(200);
  });

  it('backfill and results: players who join have no result of their own apart from their match', async () => {
    const { matchId } = await playing();
    await request({ matchId, places: [0] });
    const cleo = await cluster.player();
    await cleo.join(duel.name);
    await cleo.pushed('matched');
    const manager = await jetstreamManager(cluster.connection);
    const filter = { subjects_filter: `matches.played.${matchId}.*` };
    const { state } = await manager.streams.info(playedMatchesStream.name, filter);
    const parts = Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[3] ?? '');
    expect(parts).toHaveLength(2);
    for (const part of parts.filter((one) => one !== matchId))
      expect(await report(part, { [cleo.id]: 9 })).toBe(404);
  });

  it('ready-checks and results: a match that is not accepted has none', async () => {
    const [anna, ben] = await two();
    await Promise.all([anna.join(checked.name), ben.join(checked.name)]);
    const { matchId } = await anna.pushed('match.proposed');
    const scores = { [anna.id]: 1, [ben.id]: 2 };
    expect(await report(matchId, scores)).toBe(404);
    await anna.ask('matching.user_decline_match', { matchId });
    await ben.pushed('match.cancelled');
    expect(await report(matchId, scores)).toBe(404);
    await expect(request({ matchId, places: [0] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await ben.ask('matching.user_leave_matching', undefined);
  });

  it('ready-checks and backfill: a match that was accepted may ask for players, who are not asked to accept', async () => {
    const [anna, ben] = await two();
    await Promise.all([anna.join(checked.name), ben.join(checked.name)]);
    const { matchId } = await anna.pushed('match.proposed');
    await Promise.all([anna, ben].map((player) => accept(player, matchId)));
    await anna.pushed('matched');
    await request({ matchId, places: [0] });
    const cleo = await cluster.player();
    await cleo.join(checked.name);
    expect(await cleo.pushed('matched')).toMatchObject({ matchId, isBackfill: true });
    expect(cleo.of('match.proposed')).toEqual([]);
    expect(await report(matchId, { [cleo.id]: 5 })).toBe(200);
  });

  it('parties and ready-checks: a member who leaves the party while a match is proposed declines it', async () => {
    const [anna, ben, cleo, dora] = (await cluster.some(4)) as [Player, Player, Player, Player];
    await anna.joinWith([ben], pairs.name);
    await cleo.joinWith([dora], pairs.name);
    await dora.pushed('match.proposed');
    await ben.ask('matching.user_leave_party', undefined);
    expect(await anna.pushed('ticket.closed')).toMatchObject({ reason: 'declined', by: ben.id });
    expect(await cleo.pushed('match.cancelled')).toMatchObject({ reason: 'declined' });
    await cleo.ask('matching.user_leave_matching', undefined);
  });

  it('roles and ready-checks: players who go back to the queue keep the roles that they could play', async () => {
    const [anna, ben, cleo] = (await cluster.some(3)) as [Player, Player, Player];
    await anna.join(cast.name, { roles: [['tank']] });
    await ben.join(cast.name, { roles: [['healer']] });
    const { matchId } = await anna.pushed('match.proposed');
    await anna.ask('matching.user_decline_match', { matchId });
    await ben.pushed('match.cancelled');
    await cleo.join(cast.name, { roles: [['tank', 'healer']] });
    const again = await cleo.pushed('match.proposed');
    await Promise.all([ben, cleo].map((player) => accept(player, again.matchId)));
    expect(await ben.pushed('matched')).toMatchObject({ roles: { [ben.id]: 'healer', [cleo.id]: 'tank' } });
  });

  it('modes and ready-checks: a match that is proposed when its mode is deleted goes on to its end', async () => {
    const season = { ...checked, name: 'season-together' };
    await cluster.declare(season);
    const [anna, ben] = await two();
    const join = (player: Player) => (): Promise<boolean> =>
      player.join(season.name).then(
        () => true,
        () => false,
      );
    await until(join(anna), 'the mode is there');
    await ben.join(season.name);
    const { matchId } = await anna.pushed('match.proposed');
    await cluster.declare(season, true);
    const cleo = await cluster.player();
    await until(async () => !(await join(cleo)()), 'the mode is gone');
    await Promise.all([anna, ben].map((player) => accept(player, matchId)));
    expect((await anna.pushed('matched')).matchId).toBe(matchId);
    expect(await report(matchId, { [anna.id]: 1, [ben.id]: 2 })).toBe(200);
  });

  it('ready-checks and once: who asks or accepts again, with a match proposed, changes nothing', async () => {
    const [anna, ben] = await two();
    const { ticketId } = await anna.join(checked.name);
    await ben.join(checked.name);
    const { matchId } = await anna.pushed('match.proposed');
    expect(await anna.join(checked.name)).toMatchObject({ ticketId });
    await Promise.all([accept(anna, matchId), accept(anna, matchId)]);
    await anna.reconnect();
    await accept(anna, matchId);
    expect(anna.of('matched')).toEqual([]);
    await accept(ben, matchId);
    expect((await anna.pushed('matched')).matchId).toBe(matchId);
    expect(await ben.status()).toMatchObject({ state: 'matched', matchId });
    expect([anna, ben].map((player) => player.of('matched').length)).toEqual([1, 1]);
  });

  it('a record that nobody can use and all the others: it is left out, also by a server that starts', async () => {
    const js = jetstream(cluster.connection);
    const expect0 = { expect: { lastSubjectSequence: 0 } };
    await js.publish(ticketSubject('poison-1'), 'no JSON', expect0);
    await js.publish(ticketSubject('poison-2'), '{}', expect0);
    await js.publish(
      ticketSubject('poison-3'),
      JSON.stringify({ players: ['poison-3'], state: 'open' }),
      expect0,
    );
    await js.publish(matchCreatedSubject('poison-4'), 'null', expect0);
    await playing();
    await cluster.restart(await cluster.killOwner(duel.name));
    await playing();
  });

  it('all of it and time: what is settled stays in the stream that servers follow for minutes alone', async () => {
    const { matchId } = await playing();
    const manager = await jetstreamManager(cluster.connection);
    const ttlOf = async (subject: string): Promise<number> => {
      const found = await manager.streams.getMessage(matchesStream.name, { last_by_subj: subject });
      return Number(/^(\d+)s$/.exec(found?.header.get('Nats-TTL') ?? '')?.[1] ?? Infinity);
    };
    await until(async () => (await ttlOf(matchCreatedSubject(matchId))) <= 600, 'its record is to go');
    let staying: string[] = [];
    // The owner that was killed may have left a last step to the one that follows it.
    const allGo = async (): Promise<boolean> => {
      const { state } = await manager.streams.info(matchesStream.name, { subjects_filter: 'matches.>' });
      const subjects = Object.keys(state.subjects ?? {}).filter(
        (subject) => !subject.includes('poison') && !subject.includes('$probe'),
      );
      const ttls = await Promise.all(subjects.map(ttlOf));
      staying = subjects.filter((_, index) => (ttls[index] ?? Infinity) > 3_600);
      return staying.length === 0;
    };
    await untilHolds(allGo, { seen: () => `${staying.join()} are to go`, timeoutMs: 30_000 });
    // One of them is no match: the probe.
    expect((await manager.streams.info(playedMatchesStream.name)).state.messages).toBeGreaterThan(4);
  });
});
