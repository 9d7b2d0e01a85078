import { readFileSync } from 'node:fs';
import type { StartedServer } from '@ccgame/testing';

/** The memory that a server takes of the machine now, MB. */
export function rssMb({ process }: StartedServer): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
