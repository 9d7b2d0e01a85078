import '#game/environment.js';
import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./storage.module.js')).StorageServerModule });
