import { codeLabel, DurationFigures } from '@ccgame/rpc';
import { playerRequests } from './metrics.js';
import { RouteFigures } from './route-figures.js';

/** One for each declared route and each event of a gateway, and `other`. */
const byRoute = new Map<string, RouteFigures>();

playerRequests.add(() => byRoute.values());

/** @param result `ok`, or the error code */
export function countResult(route: string, result: string): void {
  const { results } = figuresOf(route);
  const label = codeLabel(result);
  results.set(label, (results.get(label) ?? 0) + 1);
}

/** @param code of the error, where there was one */
export function recordRequestTime(route: string, ms: number, code?: string): void {
  const outcome = code === undefined ? 'ok' : code === 'TIMEOUT' ? 'timeout' : 'failed';
  const { durations } = figuresOf(route);
  let figures = durations.get(outcome);
  if (!figures) durations.set(outcome, (figures = new DurationFigures()));
  figures.recordDuration(ms);
}

function figuresOf(route: string): RouteFigures {
  let figures = byRoute.get(route);
  if (!figures) byRoute.set(route, (figures = new RouteFigures(route)));
  return figures;
}
