import { runServer } from '#server';

await runServer({ module: async () => (await import('./connector.module.js')).ConnectorModule });
