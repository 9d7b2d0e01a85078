import type { ResolveHook } from 'node:module';

/** Gives `no-spans.js` in place of the spans of `@ccgame/rpc`. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  const isSpans = found.url.endsWith('/rpc/dist/trace/spans.js');
  return isSpans ? { ...found, url: new URL('./no-spans.js', import.meta.url).href } : found;
};
