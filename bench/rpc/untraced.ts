// (e) ccgame again, without the code that looks for OpenTelemetry: what that code costs a call where no SDK is loaded.
import { register } from 'node:module';

register('./untraced-hooks.js', import.meta.url);
await import('./ccgame.js');
if (process.env.BENCH_SPANS !== 'none')
  throw new Error('The spans of @ccgame/rpc were not replaced: is dist/trace/spans.js elsewhere?');
