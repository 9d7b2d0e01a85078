import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('@ccgame/matchmaker')).MatchingModule });
