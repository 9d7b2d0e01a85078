import { readdirSync, readFileSync } from 'node:fs';

/** The id of the process with these variables. */
export function pidOf(variables: Record<string, string>): number {
  const marks = Object.entries(variables).map(([name, value]) => `${name}=${value}\0`);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return Number(pids.find((pid) => marks.every((mark) => environmentOf(pid).includes(mark))));
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
