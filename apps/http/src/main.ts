import { runServer } from '#server';

await runServer({
  module: async () => (await import('./http.module.js')).HttpModule,
  http: async (app) => (await import('./http-setup.js')).setUpHttp(app),
});
