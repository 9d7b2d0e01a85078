import { AsyncLocalStorage } from 'node:async_hooks';
import { Patience } from './patience.js';

it('the rounds of a wait have nothing of the call that waits first', async () => {
  const caller = new AsyncLocalStorage<string>();
  const seen = await new Promise<string | undefined>((resolve) => {
    const patience = new Patience(1_000, () => {
      patience.rest();
      resolve(caller.getStore());
    });
    caller.run('anna', () => patience.watch());
  });
  expect(seen).toBeUndefined();
});
