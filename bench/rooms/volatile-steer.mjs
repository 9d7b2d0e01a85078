// `node --import` of an arena's server and its connector: the arena's inputs are volatile there, for a measurement without durability.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

/** Node calls it, in the thread in which it loads modules. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith('/examples/arena/src/arena-contracts.js')) return loaded;
  const text = String(loaded.source);
  const from = 'payload: SteerDto,';
  if (!text.includes(from))
    throw new Error(`The contracts have no ${from}: mend bench/rooms/volatile-steer.mjs.`);
  return { ...loaded, source: text.replace(from, `${from} input: 'volatile',`) };
}
