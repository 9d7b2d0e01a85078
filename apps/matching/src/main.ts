import { runServer } from '#server';

await runServer({ module: async () => (await import('./matching.module.js')).MatchingModule });
