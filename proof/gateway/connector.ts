import '#game/environment.js';
import { runServer } from '@ccgame/server';

await runServer({
  needs: [['TOKEN_PUBLIC_KEYS', 'TOKEN_JWKS_URL']],
  module: async () => (await import('./connector.module.js')).ConnectorModule,
});
