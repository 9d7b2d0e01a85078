import { jetstreamManager } from '@nats-io/jetstream';
import {
  type MatchRecord,
  matchesStream,
  playedMatchesStream,
  playedProbeSubject,
  probeSubject,
} from '../contracts/matches.js';
import { StreamFollower } from '@ccgame/jetstream';
import { MatchStores } from '../../test/match-stores.js';
import { matchMessage } from './messages.js';

const finished = 20_000;
const atOnce = 400;

describe('a server that starts after 20,000 matches', () => {
  let stores: MatchStores;

  beforeAll(async () => {
    stores = await MatchStores.open();
    for (let from = 0; from < finished; from += atOnce) await playAll(from);
  }, 120_000);
  afterAll(() => stores.close());

  const match = (index: number): MatchRecord => ({
    matchId: `m${index}`,
    mode: 'duel',
    version: '1.0.0000',
    teams: [[`a${index}`], [`b${index}`]],
    createdAt: index,
    state: 'announced',
  });

  /** As the server that tells them writes them, minutes later: their time in the stream that all follow is a second here. */
  async function playAll(from: number): Promise<void> {
    const matches = Array.from({ length: atOnce }, (_, index) => match(from + index));
    const settled = matches.map((one) => {
      const message = matchMessage(one, 0);
      expect(message.ttlSeconds).toBeLessThanOrEqual(600);
      return { ...message, ttlSeconds: 1 };
    });
    const { store, played } = stores;
    await Promise.all([store.writeBatch(settled), ...matches.map((one) => played.keep(one))]);
  }

  it('reads none of them, and finds each of them when it is asked for', async () => {
    const { connection, health, played } = stores;
    const manager = await jetstreamManager(connection);
    /** Without the one that is written every few seconds to see whether it is answered. */
    const messagesIn = async (stream: string, probe: string): Promise<number> => {
      const { state } = await manager.streams.info(stream, { subjects_filter: probe });
      return state.messages - (state.subjects?.[probe] ?? 0);
    };
    while ((await messagesIn(matchesStream.name, probeSubject)) > 0)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await messagesIn(playedMatchesStream.name, playedProbeSubject)).toBe(finished);
    let read = 0;
    const follower = new StreamFollower(connection, health, {
      stream: matchesStream.name,
      onMessage: ({ subject }) => (read += subject === probeSubject ? 0 : 1),
    });
    await follower.caughtUp;
    await follower.close();
    expect(read).toBe(0);
    expect(await played.find('m17777')).toEqual(match(17_777));
  }, 90_000);
});
