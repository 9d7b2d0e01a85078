import { ticketHandlers } from '../src/contracts/party.js';
import { Cluster } from './cluster.js';
import type { Player } from './player.js';

const squad = { name: 'squad', teams: 2, teamSize: 3, maxParty: 3, hardKeys: [] };
/** Players say where, a server says how good. */
const rated = {
  name: 'rated',
  teams: 2,
  teamSize: 1,
  maxParty: 1,
  attributes: {
    region: { type: 'enum', values: ['eu', 'us'], default: 'eu' },
    skill: { type: 'number', min: 0, max: 10_000, default: 1_000, setBy: 'server' },
  },
  hardKeys: ['region'],
  skill: { attribute: 'skill', start: 50, perSecond: 0 },
  longestWaitMs: 600_000,
};

describe('a party', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(2, [squad, rated]);
  });
  afterAll(() => cluster.stop());

  const trio = async (): Promise<[Player, Player, Player]> => (await cluster.some(3)) as never;
  const leaveParty = (player: Player) => player.ask('matching.user_leave_party', undefined);
  const leaveQueue = (player: Player) => player.ask('matching.user_leave_matching', undefined);
  const open = (data: object) => cluster.rpc.doRPC({ handler: ticketHandlers.open }, data as never);

  it('takes no stranger into the queue, and keeps none out of it', async () => {
    const [mallory, victim] = await trio();
    for (let round = 0; round < 15; round += 1)
      await expect(mallory.join(squad.name, { party: [victim.id] })).rejects.toMatchObject({
        code: 'NOT_IN_PARTY',
        details: { players: [victim.id] },
      });
    // Not by the other way round either: that would say of the victim only whom mallory follows.
    await mallory.ask('matching.user_join_party', { leader: victim.id });
    await expect(mallory.join(squad.name, { party: [victim.id] })).rejects.toMatchObject({
      code: 'NOT_IN_PARTY',
    });
    await expect(victim.status()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { ticketId } = await victim.join(squad.name);
    expect(await victim.status()).toMatchObject({ ticketId, players: [victim.id], state: 'open' });
    expect(victim.of('ticket.opened')).toEqual([]);
    await leaveQueue(victim);
  });

  it('does not tell a stranger whether somebody waits', async () => {
    const [mallory, victim] = await trio();
    await victim.join(squad.name);
    await expect(mallory.join(squad.name, { party: [victim.id] })).rejects.toMatchObject({
      code: 'NOT_IN_PARTY',
    });
    await leaveQueue(victim);
  });

  it('is queued by its leader again and again, until a member leaves it', async () => {
    const [anna, ben, cleo] = await trio();
    const { ticketId } = await anna.joinWith([ben, cleo], squad.name);
    await leaveQueue(anna);
    const party = [ben.id, cleo.id];
    const second = await anna.join(squad.name, { party });
    expect(second.ticketId).not.toBe(ticketId);
    await leaveParty(ben);
    expect(await anna.pushed('ticket.closed')).toMatchObject({ reason: 'cancelled', by: ben.id });
    await expect(anna.join(squad.name, { party })).rejects.toMatchObject({
      code: 'NOT_IN_PARTY',
      details: { players: [ben.id] },
    });
    await anna.join(squad.name, { party: [cleo.id] });
    await leaveQueue(cleo);
  });

  it('is one at a time: a member who joins another one has left the first', async () => {
    const [anna, ben, cleo] = await trio();
    await ben.ask('matching.user_join_party', { leader: anna.id });
    await expect(ben.ask('matching.user_join_party', { leader: ben.id })).rejects.toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field: 'leader' }] },
    });
    await expect(ben.ask('matching.user_join_party', { leader: 'a.*' })).rejects.toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field: 'leader' }] },
    });
    await ben.ask('matching.user_join_party', { leader: cleo.id });
    await expect(anna.join(squad.name, { party: [ben.id] })).rejects.toMatchObject({ code: 'NOT_IN_PARTY' });
    await cleo.join(squad.name, { party: [ben.id] });
    await leaveQueue(ben);
  });

  it('never holds a member who has left it, however the calls fall together', async () => {
    const [anna, ben] = await trio();
    for (let round = 0; round < 20; round += 1) {
      await ben.ask('matching.user_join_party', { leader: anna.id });
      const joined = anna.join(squad.name, { party: [ben.id] }).catch(() => undefined);
      await Promise.all([joined, leaveParty(ben)]);
      const states = await ben.status().catch(() => ({ state: 'none' }));
      expect(states.state).not.toBe('open');
      await leaveQueue(anna);
    }
  });

  it('may be queued by a server of the game, and all of it hear so', async () => {
    const players = await trio();
    const [anna, ben] = players;
    const requestId = `by-server-${anna.id}`;
    const asked = { mode: squad.name, players: players.map(({ id }) => id), requestId };
    const { ticketId } = await open(asked);
    expect(await open(asked)).toMatchObject({ ticketId });
    for (const player of players) expect(await player.pushed('ticket.opened')).toMatchObject({ ticketId });
    expect(await ben.status()).toMatchObject({ ticketId, players: asked.players });
    await expect(ben.askAnything('matching.open_ticket', asked)).rejects.toMatchObject({
      code: 'NO_SERVER',
    });
    await leaveQueue(ben);
  });

  it('is not judged by what its players say of their skill: a server says it, or nobody', async () => {
    const [mallory, ben, pro] = await trio();
    await expect(mallory.join(rated.name, { attributes: { skill: 9_000 } })).rejects.toMatchObject({
      code: 'INVALID',
      details: {
        problems: [{ field: 'attributes.skill', rule: 'set-by-server, expected nothing: a server sets it' }],
      },
    });
    await open({ mode: rated.name, players: [pro.id], attributes: { skill: 9_000 } });
    await mallory.join(rated.name, { attributes: { region: 'eu' } });
    await ben.join(rated.name);
    const { teams } = await ben.pushed('matched');
    expect(teams.flatMap(({ players }) => players).sort()).toEqual([mallory.id, ben.id].sort());
    expect(await pro.status()).toMatchObject({ state: 'open' });
    await leaveQueue(pro);
  });
});
