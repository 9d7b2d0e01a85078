/** Ms of one clock for all threads of this machine: `performance.now()` begins anew in each. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;
