import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU in ticks of 10 ms. */
const ticksPerSecond = 100;

/** The time on all cores that a process has taken since its start, s. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/**
 * As {@link cpuSeconds}, but to the nanosecond, for short times: of the threads that there are now. One that ends takes its time with it,
 * so what lies between two looks is right only where threads stay.
 */
export function preciseCpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** The memory that a process takes of the machine now, MB. */
export function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
