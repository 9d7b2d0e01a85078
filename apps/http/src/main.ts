import '#game/environment.js';
import { runServer } from '@ccgame/server';

await runServer({
  needs: ['TOKEN_SIGNING_KEY', 'TOKEN_PUBLIC_KEYS', 'SERVER_KEY'],
  module: async () => (await import('./http.module.js')).HttpServerModule,
  http: async () => (await import('@ccgame/http')).httpSetup,
});
