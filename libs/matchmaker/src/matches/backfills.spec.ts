import { NotStored } from '@ccgame/jetstream';
import { MatchStores } from '../../test/match-stores.js';
import type { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { BackfillRecord, MatchRecord } from '../contracts/matches.js';
import type { Mode } from '../pool/rules/mode.js';
import { backfillMessage } from '../store/messages.js';
import { Backfills } from './backfills.js';

const mode: Mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], backfill: true };

describe('a request for players', () => {
  let stores: MatchStores;
  let backfills: Backfills;
  let matches = 0;

  beforeAll(async () => {
    stores = await MatchStores.open();
    const catalogue = { get: () => mode } as unknown as ModeCatalogue;
    backfills = new Backfills(stores.store, stores.played, catalogue);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => stores.close());

  async function play(): Promise<string> {
    const matchId = `m${matches++}`;
    const teams = [['anna'], ['ben']];
    const record: MatchRecord = {
      matchId,
      mode: 'duel',
      version: '1.0.0000',
      teams,
      createdAt: 0,
      state: 'formed',
    };
    await stores.played.keep(record);
    return matchId;
  }

  /** Players are found as soon as a request stands there. */
  async function fill(matchId: string, change: Partial<BackfillRecord>): Promise<void> {
    const { record, seq } = await stores.store.readBackfill(matchId);
    if (!record) throw new Error(`${matchId} asks for nobody`);
    const filled: BackfillRecord = { ...record, state: 'filled', places: [], ...change };
    await stores.store.writeBatch([backfillMessage(filled, seq, stores.store.clock.now())]);
  }

  it('whose ack is lost is not made once more when its places are taken by then', async () => {
    const matchId = await play();
    const { store } = stores;
    const write = store.writeBatch.bind(store);
    jest.spyOn(store, 'writeBatch').mockImplementationOnce(async (messages) => {
      await write(messages);
      await fill(matchId, { joined: [['cleo'], []] });
      throw new NotStored('unknown', 'The ack was lost');
    });
    const filled = { state: 'filled', places: [], joined: [['cleo'], []] };
    expect(await backfills.requestPlayers({ matchId, places: [0] })).toMatchObject(filled);
    expect(await backfills.statusOf({ matchId })).toMatchObject(filled);
  });
});
