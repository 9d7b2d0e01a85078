/** How a request of a player ended. */
export interface RequestEnd {
  id: string;
  /** Left out: it was answered. */
  code?: string;
  /** The client itself gave up waiting, and for half of that time had one connection that could have brought the answer. */
  isTimeout?: boolean;
}

/** A break of a player's connection: what was being done when it came, and how long it lasted. */
export interface Resume {
  after: string;
  ms: number;
}

/** The events of all players together. */
export class Ledger {
  readonly asked: string[] = [];
  readonly ends: RequestEnd[] = [];
  readonly resumes: Resume[] = [];
  readonly errors = new Map<string, number>();
  moves = 0;
  /** The last deed against the servers or the network. */
  deed = 'the start';

  countError(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  endRequest(end: RequestEnd): void {
    this.ends.push(end);
    if (end.code) this.countError(`request ${end.code}`);
  }
}
