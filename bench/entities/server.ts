import { runServer } from '@ccgame/server';

await runServer({ module: async () => (await import('./server.module.js')).BedModule });
