// `node --import` of an arena's server: it runs the next version's rules, as a build of examples/arena/next-version.mjs would.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { withNextRules } from '../../examples/arena/next-rules.mjs';

if (isMainThread) register(import.meta.url);

/** Node calls it, in the thread in which it loads modules. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith('/examples/arena/src/rules.js')) return loaded;
  return { ...loaded, source: withNextRules(String(loaded.source)) };
}
