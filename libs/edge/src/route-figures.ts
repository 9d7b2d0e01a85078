import type { DurationFigures } from '@ccgame/rpc';

type Outcome = 'ok' | 'failed' | 'timeout';

/** The results of the players' messages of one route. */
export class RouteFigures {
  /** By result: `ok`, or the error code. */
  readonly results = new Map<string, number>();
  readonly durations = new Map<Outcome, DurationFigures>();

  constructor(readonly route: string) {}
}
