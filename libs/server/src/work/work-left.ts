import { Injectable } from '@nestjs/common';
import type { LeftBehind, WorkItem } from './work-left.contract.js';

/** A part of a server that has work which outlasts a call: rooms, matches, exports. */
export interface WorkSource {
  listWork(): WorkItem[];
  /** Finds the work that another version could not go on with, a sentence each, and how much was tried. Changes nothing. */
  findLeftBehind?(version: string): Promise<LeftBehind>;
}

/** The work that this server still holds. A release waits for it, and is refused where it would be lost. */
@Injectable()
export class WorkLeft {
  private readonly sources: WorkSource[] = [];

  addSource(source: WorkSource): void {
    this.sources.push(source);
  }

  /** Kinds of which there is none are left out. */
  listWork(): WorkItem[] {
    return this.sources.flatMap((source) => source.listWork()).filter(({ count }) => count > 0);
  }

  async findLeftBehind(version: string): Promise<Required<LeftBehind>> {
    const found = await Promise.all(this.sources.map(async (source) => source.findLeftBehind?.(version)));
    return {
      problems: found.flatMap((one) => one?.problems ?? []),
      tried: found.flatMap((one) => one?.tried ?? []),
    };
  }
}
