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
/** Periods begin before it: `croner` finds no run from the year 3000 on. */
const endOfYears = Date.UTC(3_000, 0);
const namePattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Finds the period that a moment belongs to. */
export class Periods {
  private readonly cron?: Cron;
  private last?: Period;

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

  /** @param moment epoch ms */
  at(moment: number): Period {
    return this.containing(moment);
  }

  before(period: Period): Period | undefined {
    return this.cron ? this.containing(period.startsAt - 1) : undefined;
  }

  /** The period of that name, if it is one. Undefined: no reset of the board has ever begun one. */
  named(name: string): Period | undefined {
    if (!this.cron) return name === always.name ? always : undefined;
    const parts = namePattern.exec(name);
    if (!parts) return undefined;
    const [, year, month, day, hour, minute, second] = parts;
    const startsAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    // Anybody may ask for any, and a rare one's neighbour may lie beyond the years.
    if (!(startsAt >= 0 && startsAt < endOfYears)) return undefined;
    const period = this.findContaining(startsAt);
    return period?.name === name ? period : undefined;
  }

  private containing(moment: number): Period {
    const period = this.findContaining(moment);
    if (!period) throw new Error('the expression never comes');
    return period;
  }

  private findContaining(moment: number): Period | undefined {
    if (!this.cron) return always;
    const { last } = this;
    if (last && moment >= last.startsAt && moment < (last.endsAt as number)) return last;
    // The library leaves out the moment itself.
    const [start] = this.cron.previousRuns(1, new Date(moment + 1));
    const [end] = this.cron.nextRuns(1, new Date(moment));
    if (!start || !end) return undefined;
    this.last = { name: nameOf(start), startsAt: start.getTime(), endsAt: end.getTime() };
    return this.last;
  }
}

function nameOf(start: Date): string {
  return start
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
}
