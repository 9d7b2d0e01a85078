import { Injectable } from '@nestjs/common';

/** The states of a server, in their order. */
export type ServerState = 'starting' | 'running' | 'draining';

/** Whether this server wants traffic: it runs, and everything it needs is there. */
@Injectable()
export class Readiness {
  state: ServerState = 'starting';
  private readonly checks = new Map<string, () => boolean>();
  private readonly lists: Array<() => string[]> = [];

  /** Adds a condition, asked at every probe: it must be cheap. One that throws is not met. */
  addCheck(name: string, check: () => boolean): void {
    this.checks.set(name, check);
  }

  /** Adds conditions that come and go: gives the names of those that fail now. Cheap; one that throws is told as `unknown`. */
  addAll(failing: () => string[]): void {
    this.lists.push(failing);
  }

  /** Everything that is not ready now: the state, or the names of the conditions that fail. Empty means ready. */
  missing(): string[] {
    if (this.state !== 'running') return [this.state];
    const failing = [...this.checks].filter(([, check]) => !isMet(check)).map(([name]) => name);
    return [...failing, ...this.lists.flatMap(listFailing)];
  }
}

function isMet(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

function listFailing(list: () => string[]): string[] {
  try {
    return list();
  } catch {
    return ['unknown'];
  }
}
