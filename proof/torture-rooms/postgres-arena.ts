import '#game/environment.js';
import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./postgres-arena.module.js')).PostgresArenaModule });
