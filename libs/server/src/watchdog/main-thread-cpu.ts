import { readFileSync } from 'node:fs';

/** The unit of times in /proc, on each machine that Node runs on. */
const tickMs = 10;

/** CPU time of the process's main thread, ms; where the system doesn't tell (it is no Linux), of all of its threads. */
export function mainThreadCpuMs(): number {
  try {
    const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1');
    // proc(5): the name in parentheses may have spaces; user and system time are the 14th and the 15th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
}
