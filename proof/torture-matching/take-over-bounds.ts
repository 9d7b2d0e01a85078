import type { Step } from './torture.js';

/** By when others own all that a server owned, ms. */
const bounds = { SIGKILL: 5_000, SIGTERM: 1_000 };

/** Which of the promised take-overs came too late, or not at all. */
export function lateTakeOvers(steps: readonly Step[]): string[] {
  return Object.entries(bounds).flatMap(([signal, bound]) => {
    const step = steps.find(({ fault }) => fault === `${signal} of the owner`);
    const ms = step?.takenOverMs ?? Infinity;
    return ms <= bound ? [] : [`${signal}: after ${ms} ms, not ${bound}`];
  });
}
