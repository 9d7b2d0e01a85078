/** A job's arguments on the command line, by name: `--board weekly` is `{ board: 'weekly' }`. */
export type JobArguments = Record<string, string | undefined>;

/** The things that a job did, left out (and why), and could not do; one of the last makes the job end with 1. */
export interface JobReport {
  done: object[];
  skipped: object[];
  failed: object[];
}

/** One unit of work that a CronJob starts. It must bear being run twice, and by two pods at once. */
export interface Job {
  /** The arguments that it takes, each with what it means; none when left out. */
  readonly takes?: Record<string, string>;
  /** One item that fails must not keep it from the others: it goes into the report. */
  run(given: JobArguments): Promise<JobReport | void>;
}
