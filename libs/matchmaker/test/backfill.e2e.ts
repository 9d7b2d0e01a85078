import { backfillHandlers, type BackfilledPlayers } from '../src/contracts/backfill.js';
import { Cluster } from './cluster.js';
import type { Player } from './player.js';
import { until } from './player.js';

const roles = { perTeam: { tank: 1 } };
const mode = { name: 'brawl', teams: 2, teamSize: 2, maxParty: 2, hardKeys: [], backfill: true, roles };
const closed = { name: 'closed', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };

describe('a running match that asks for players', () => {
  let cluster: Cluster;
  const told: BackfilledPlayers[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start(2, [mode, closed]);
    cluster.connection.subscribe('rpc.id.games.games-test-0.players_joined', {
      callback: (_error, message) => {
        told.push(message.json<BackfilledPlayers>());
        message.respond('{}');
      },
    });
  });
  afterAll(() => cluster.stop());

  const request = (data: object) => cluster.rpc.doRPC({ handler: backfillHandlers.request }, data as never);
  const status = (matchId: string) => cluster.rpc.doRPC({ handler: backfillHandlers.status }, { matchId });

  async function match(): Promise<string> {
    const [anna, ben, cleo, dora] = (await cluster.some(4)) as [Player, Player, Player, Player];
    for (const player of [anna, ben]) await player.join(mode.name, { roles: [['tank']] });
    for (const player of [cleo, dora]) await player.join(mode.name);
    return (await anna.pushed('matched')).matchId;
  }

  it('gets who waits, tells both sides, and keeps asking for the rest', async () => {
    const matchId = await match();
    const notify = { serverId: 'games-test-0', handler: 'players_joined' };
    expect(await request({ matchId, places: [0, 1], lacks: [{ team: 1, role: 'tank' }], notify })).toEqual({
      state: 'open',
      places: [0, 1],
      joined: [],
    });
    const [emil, fay] = (await cluster.some(2)) as [Player, Player];
    await emil.join(mode.name);
    expect(await emil.pushed('matched')).toEqual({
      matchId,
      mode: 'brawl',
      version: '1.0.0000',
      teams: [{ players: [emil.id] }, { players: [] }],
      roles: {},
      isBackfill: true,
    });
    await until(async () => (await status(matchId)).places.length === 1, 'one place is left');
    await fay.join(mode.name, { roles: [['tank']] });
    expect(await fay.pushed('matched')).toMatchObject({ matchId, roles: { [fay.id]: 'tank' } });
    expect(await status(matchId)).toEqual({ state: 'filled', places: [], joined: [[emil.id], [fay.id]] });
    await until(() => told.length === 2, 'the running match is told');
    expect(told.map(({ teams }) => teams.flatMap(({ players }) => players))).toEqual([[emil.id], [fay.id]]);
  });

  it('gets nobody any more once it has cancelled', async () => {
    const matchId = await match();
    await request({ matchId, places: [0] });
    expect(await cluster.rpc.doRPC({ handler: backfillHandlers.cancel }, { matchId })).toMatchObject({
      state: 'over',
    });
    const gus = await cluster.player();
    await gus.join(mode.name);
    // A later request of another match is served: this one would have been before it.
    const other = await match();
    await request({ matchId: other, places: [1] });
    expect(await gus.pushed('matched')).toMatchObject({ matchId: other });
  });

  it('is served by a sibling when the owner is killed', async () => {
    const matchId = await match();
    await request({ matchId, places: [1] });
    await cluster.restart(await cluster.killOwner(mode.name));
    const hans = await cluster.player();
    await hans.join(mode.name);
    expect(await hans.pushed('matched')).toMatchObject({ matchId, teams: [{}, { players: [hans.id] }] });
  });

  it.each([
    ['a team that is not there', { places: [2] }, 'places'],
    ['more places than a team has', { places: [0, 0, 0] }, 'places'],
    ['a role that is not there', { places: [0], lacks: [{ team: 0, role: 'bard' }] }, 'lacks'],
    ['more roles than places', { places: [0], lacks: [{ team: 1, role: 'tank' }] }, 'lacks'],
  ])('is refused %s', async (_, wrong, field) => {
    const matchId = await match();
    await expect(request({ matchId, ...wrong })).rejects.toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field }] },
    });
  });

  it('is refused in a mode without backfill, and for a match that never was', async () => {
    const [anna, ben] = (await cluster.some(2)) as [Player, Player];
    await Promise.all([anna.join(closed.name), ben.join(closed.name)]);
    const { matchId } = await anna.pushed('matched');
    await expect(request({ matchId, places: [0] })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(request({ matchId: 'never', places: [0] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
