import { runServer } from '#server';

await runServer({
  module: async () => (await import('./http.module.js')).HttpModule,
  http: async () => (await import('./http-setup.js')).httpSetup,
});
