import { PostgresServer } from '@ccgame/testing';
import { describeStore } from '../../../test/store-contract.js';
import { postgresStore } from './postgres-store.js';

describeStore('PostgreSQL', async () => {
  const postgres = await PostgresServer.start();
  const { connectionString } = postgres;
  return {
    openStore: async () => {
      const store = postgresStore({ connectionString })({} as never);
      await store.open();
      return store;
    },
    stop: () => postgres.destroy(),
  };
});
