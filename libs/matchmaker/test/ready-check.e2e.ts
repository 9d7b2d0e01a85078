import { Cluster } from './cluster.js';
import type { Player } from './player.js';

const mode = { name: 'checked', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], readyCheckMs: 1_500 };
const pairs = { ...mode, name: 'checked-pairs', teamSize: 2, maxParty: 2 };
const patient = { ...mode, name: 'checked-patient', readyCheckMs: 4_000 };

describe('a match that has to be accepted', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(2, [mode, pairs, patient]);
  });
  afterAll(() => cluster.stop());

  const accept = (player: Player, matchId: string) => player.ask('matching.user_accept_match', { matchId });

  async function proposed(modeName = mode.name): Promise<{ players: [Player, Player]; matchId: string }> {
    const [anna, ben] = [await cluster.player(), await cluster.player()];
    await Promise.all([anna.join(modeName), ben.join(modeName)]);
    const { matchId } = await anna.pushed('match.proposed');
    await ben.pushed('match.proposed');
    return { players: [anna, ben], matchId };
  }

  it('is pushed as matched when everybody has accepted, and not before', async () => {
    const { players, matchId } = await proposed();
    const [anna, ben] = players;
    expect(anna.of('match.proposed')[0]).toMatchObject({ mode: 'checked', players: 2 });
    expect(await accept(anna, matchId)).toEqual({ outcome: 'waiting', accepted: 1, players: 2 });
    expect(anna.of('matched')).toEqual([]);
    expect(await anna.status()).toMatchObject({ state: 'proposed', matchId });
    expect(await accept(ben, matchId)).toEqual({ outcome: 'complete', accepted: 2, players: 2 });
    expect(await anna.pushed('matched')).toMatchObject({ matchId });
    expect(await ben.pushed('matched')).toMatchObject({ matchId });
    expect(await anna.status()).toMatchObject({ state: 'matched', matchId });
    // Once more, as after a broken connection.
    expect(await accept(anna, matchId)).toEqual({ outcome: 'complete', accepted: 2, players: 2 });
  });

  it('sends a player who declines away; the other one keeps the waiting time and is matched first', async () => {
    const { players, matchId } = await proposed();
    const [anna, ben] = players;
    const before = await ben.status();
    await accept(ben, matchId);
    expect(await anna.ask('matching.user_decline_match', { matchId })).toMatchObject({ outcome: 'over' });
    expect(await anna.pushed('ticket.closed')).toMatchObject({
      mode: 'checked',
      reason: 'declined',
      by: anna.id,
    });
    expect(await ben.pushed('match.cancelled')).toEqual({ matchId, mode: 'checked', reason: 'declined' });
    expect(await ben.status()).toMatchObject({ state: 'open', waitingSinceMs: before.waitingSinceMs });
    const [cleo, dora] = [await cluster.player(), await cluster.player()];
    await cleo.join(mode.name);
    const next = await ben.pushed('match.proposed', 2);
    expect(await cleo.pushed('match.proposed')).toMatchObject({ matchId: next.matchId });
    await dora.join(mode.name);
    await Promise.all([ben, cleo].map((player) => accept(player, next.matchId)));
    expect(await ben.pushed('matched')).toMatchObject({ matchId: next.matchId });
    await dora.ask('matching.user_leave_matching', undefined);
  });

  it('sends a player who does not answer in time away, with the party', async () => {
    const [anna, ben, cleo, dora] = await cluster.some(4);
    if (!anna || !ben || !cleo || !dora) throw new Error('There are four');
    await anna.joinWith([ben], pairs.name);
    await cleo.joinWith([dora], pairs.name);
    const { matchId } = await dora.pushed('match.proposed');
    for (const player of [anna, cleo, dora]) await accept(player, matchId);
    expect(await anna.pushed('ticket.closed')).toMatchObject({ reason: 'not-accepted', by: ben.id });
    expect(await ben.pushed('ticket.closed')).toMatchObject({ reason: 'not-accepted', by: ben.id });
    expect(await cleo.pushed('match.cancelled')).toMatchObject({ reason: 'not-accepted' });
    expect(await dora.status()).toMatchObject({ state: 'open', players: [cleo.id, dora.id] });
    expect(await accept(ben, matchId)).toMatchObject({ outcome: 'over' });
    await dora.ask('matching.user_leave_matching', undefined);
    expect(await cleo.pushed('ticket.closed')).toMatchObject({ reason: 'cancelled', by: dora.id });
  });

  it('is declined by a cancel', async () => {
    const { players } = await proposed();
    const [anna, ben] = players;
    expect(await anna.ask('matching.user_leave_matching', undefined)).toEqual({ outcome: 'left' });
    expect(await anna.status()).toMatchObject({ state: 'declined' });
    await ben.pushed('match.cancelled');
    await ben.ask('matching.user_leave_matching', undefined);
  });

  it('is not for others to accept, and an unknown one is not found', async () => {
    const { players, matchId } = await proposed();
    const stranger = await cluster.player();
    await expect(accept(stranger, matchId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(accept(stranger, 'no-such-match')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await Promise.all(players.map((player) => accept(player, matchId)));
    await players[0].pushed('matched');
  });

  it('is judged by a sibling when its owner is killed', async () => {
    const { players, matchId } = await proposed(patient.name);
    const [anna, ben] = players;
    await accept(anna, matchId);
    const killed = await cluster.killOwner(patient.name);
    await cluster.restart(killed);
    expect(await ben.pushed('ticket.closed')).toMatchObject({ reason: 'not-accepted', by: ben.id });
    expect(await anna.pushed('match.cancelled')).toMatchObject({ matchId });
    expect(anna.of('match.proposed')).toHaveLength(1);
  });
});
