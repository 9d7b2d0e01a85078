import '#game/environment.js';
import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./arena.module.js')).ArenaModule });
