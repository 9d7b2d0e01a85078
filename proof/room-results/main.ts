import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./cards.module.js')).CardsModule });
