import { NatsHealth } from '@ccgame/nats';
import { AuditTrail, Moderation } from '@ccgame/sessions';
import { ticketHandlers } from '../src/contracts/party.js';
import { Cluster } from './cluster.js';
import { type Player, until } from './player.js';

const duel = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const checked = { ...duel, name: 'checked', readyCheckMs: 1_500 };
const pairs = { ...checked, name: 'pairs', teamSize: 2, maxParty: 2 };

/** Bans and kicks by docs/matching-features.md. */
describe('operators and matching:', () => {
  const order = { by: 'olga', reason: 'sold gold' };
  let cluster: Cluster;
  let report: (matchId: string, scores: Record<string, number>) => Promise<number>;
  let audit: AuditTrail;
  let moderation: Moderation;

  beforeAll(async () => {
    cluster = await Cluster.start(1, [duel, checked, pairs]);
    report = await cluster.addHttp();
    const health = new NatsHealth(cluster.connection);
    audit = new AuditTrail(cluster.connection, health);
    moderation = new Moderation(cluster.connection, health, audit);
  });
  afterAll(async () => {
    moderation.onApplicationShutdown();
    audit.onApplicationShutdown();
    await cluster.stop();
  });
  const two = async (): Promise<[Player, Player]> => (await cluster.some(2)) as never;
  const accept = (player: Player, matchId: string) => player.ask('matching.user_accept_match', { matchId });
  const ban = (player: Player): Promise<void> => moderation.banPlayer(player.id, order);
  const leave = (player: Player) => player.ask('matching.user_leave_matching', undefined);

  it('a player who is banned leaves the queue at once, and is matched with nobody', async () => {
    const [anna, ben] = await two();
    await anna.join(duel.name);
    await until(async () => (await cluster.countTickets()) === 1, 'the ticket is seen', 15_000);
    await ban(anna);
    await until(async () => (await cluster.countTickets()) === 0, 'the ticket is closed', 15_000);
    await ben.join(duel.name);
    const cleo = await cluster.player();
    await cleo.join(duel.name);
    const { teams } = await ben.pushed('matched');
    expect(teams.flatMap(({ players }) => players).sort()).toEqual([ben.id, cleo.id].sort());
  });

  it('a party is told that its member was banned, and goes on without the player', async () => {
    const [anna, ben] = await two();
    await anna.joinWith([ben], pairs.name);
    await ban(ben);
    expect(await anna.pushed('ticket.closed')).toMatchObject({ reason: 'banned', by: ben.id });
    const again = anna.join(pairs.name, { party: [ben.id] });
    await expect(again).rejects.toMatchObject({ code: 'NOT_IN_PARTY', details: { players: [ben.id] } });
    await anna.join(pairs.name);
    await leave(anna);
  });

  it('a proposed match is off when one of its players is banned, who had accepted it', async () => {
    const slow = { ...checked, name: 'slow', readyCheckMs: 60_000 };
    await cluster.declare(slow);
    const [anna, ben] = await two();
    await until(() => anna.join(slow.name).then(Boolean, () => false), 'the mode is there');
    await ben.join(slow.name);
    const { matchId } = await ben.pushed('match.proposed');
    await accept(anna, matchId);
    await ban(anna);
    expect(await ben.pushed('match.cancelled')).toMatchObject({ matchId, reason: 'declined' });
    expect(await ben.status()).toMatchObject({ state: 'open' });
    await leave(ben);
  });

  it('the result of a match counts for all who played, one of them banned meanwhile', async () => {
    const [anna, ben] = await two();
    await Promise.all([anna, ben].map((player) => player.join(duel.name)));
    const { matchId } = await anna.pushed('matched');
    await ban(anna);
    expect(await report(matchId, { [anna.id]: 1, [ben.id]: 2 })).toBe(200);
  });

  it('a player who is kicked comes back and accepts the match that was proposed before', async () => {
    const [anna, ben] = await two();
    const patient = { ...checked, name: 'patient', readyCheckMs: 60_000 };
    await cluster.declare(patient);
    await until(() => anna.join(patient.name).then(Boolean, () => false), 'the mode is there');
    await ben.join(patient.name);
    const { matchId } = await anna.pushed('match.proposed');
    await moderation.kickPlayer(anna.id, order);
    const back = await cluster.player(anna.id);
    expect(await back.status()).toMatchObject({ state: 'proposed', matchId });
    await Promise.all([back, ben].map((player) => accept(player, matchId)));
    expect(await back.pushed('matched')).toMatchObject({ matchId });
  });

  it('a server of the game is refused a ticket with a banned player, until the ban is lifted', async () => {
    await moderation.banPlayer('dora', order);
    const open = () =>
      cluster.rpc.doRPC({ handler: ticketHandlers.open }, {
        mode: duel.name,
        players: ['dora'],
        endsWhenAway: false,
      } as never);
    /** Only these two outcomes say something of the ban: a call may also come too late, or meet a server that is busy. */
    const opens = (code: 'BANNED' | 'opened'): Promise<boolean> =>
      open().then(
        () => code === 'opened',
        (error: { code: string }) => code === error.code,
      );
    const countBecomes = (count: number): Promise<void> =>
      until(async () => (await cluster.countTickets()) === count, `there are ${count} tickets`, 15_000);
    await until(() => opens('BANNED'), 'the ban is heard', 15_000);
    await moderation.unbanPlayer('dora', order);
    await until(() => opens('opened'), 'the ban is lifted', 15_000);
    await countBecomes(1);
    await moderation.banPlayer('dora', order);
    await countBecomes(0);
  });
});
