import { Cron } from 'croner';

/** When a board begins anew. */
export interface ResetOptions {
  /** Five fields: minute, hour, day of month, month, day of week. */
  cron: string;
  /** An IANA name, such as `Europe/Berlin`. */
  timeZone: string;
}

/** The time from one reset of a board to the next. */
export interface Period {
  /** Its start in UTC, such as `20261128T000000Z`, so that names sort as periods follow each other; `all` where a board is never reset. */
  name: string;
  /** Epoch ms; it begins with this moment. */
  startsAt: number;
  /** Epoch ms; this moment is the next period's. Undefined: it never ends. */
  endsAt?: number;
}

const always: Period = { name: 'all', startsAt: 0 };
const namePattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
/** The current period and the one before it, of each board; one more for a clock that goes back a little. */
const mostFound = 3;

/** Finds the period that a moment belongs to. */
export class Periods {
  private readonly cron?: Cron;
  /** The newest last. The library takes milliseconds to find one. */
  private found: Required<Period>[] = [];

  /** @throws Error for a wrong cron expression or time zone, or one that never comes */
  constructor(reset?: ResetOptions) {
    if (!reset) return;
    this.cron = new Cron(reset.cron, { timezone: reset.timeZone, mode: '5-part' });
    this.containing(Date.now());
  }

  /** The board is never reset: it has one period. */
  get isEndless(): boolean {
    return !this.cron;
  }

  /**
   * The period that runs goes on to the end that it began with, also where the board's reset was another one then. The next one
   * begins no sooner, so no moment is in two periods.
   *
   * @param moment epoch ms
   * @param running the newest period that the board has counted in
   */
  at(moment: number, running?: Period): Period {
    if (!this.cron) return always;
    if (!running) return this.containing(moment);
    const endsAt = running.endsAt ?? this.containing(running.startsAt).endsAt;
    if (moment < endsAt) return { ...running, endsAt };
    const own = this.containing(moment);
    return own.startsAt >= endsAt ? own : { name: nameOf(endsAt), startsAt: endsAt, endsAt: own.endsAt };
  }

  before(period: Period): Period | undefined {
    return this.cron ? this.containing(period.startsAt - 1) : undefined;
  }

  private containing(moment: number): Required<Period> {
    const known = this.found.find(({ startsAt, endsAt }) => moment >= startsAt && moment < endsAt);
    if (known) return known;
    // The library leaves out the moment itself.
    const [start] = this.cron?.previousRuns(1, new Date(moment + 1)) ?? [];
    const [end] = this.cron?.nextRuns(1, new Date(moment)) ?? [];
    if (!start || !end) throw new Error('the expression never comes');
    const found = { name: nameOf(start.getTime()), startsAt: start.getTime(), endsAt: end.getTime() };
    this.found = [...this.found, found].slice(-mostFound);
    return found;
  }
}

/** When a period of that name begins, epoch ms. Undefined: it is no name of a period. */
export function startOf(name: string): number | undefined {
  if (name === always.name) return always.startsAt;
  const startsAt = Date.parse(name.replace(namePattern, '$1-$2-$3T$4:$5:$6Z'));
  return startsAt >= 0 && nameOf(startsAt) === name ? startsAt : undefined;
}

function nameOf(startsAt: number): string {
  return new Date(startsAt)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
}
