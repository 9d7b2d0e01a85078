import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./play.module.js')).PlayModule });
