import { parentPort, workerData } from 'node:worker_threads';
import { Crowd, type TablePlan } from './crowd.js';

/** One question of the main thread to a crowd. */
export interface CrowdQuestion {
  number: number;
  method: 'ready' | 'start' | 'rules' | 'countWaiting' | 'close';
  since: number;
}

export type CrowdAnswer = { number: number } & ({ value: unknown } | { error: string });

// The entry of a crowd's thread.
const { plans, urls } = workerData as { plans: TablePlan[]; urls: string[] };
const crowd = new Crowd(plans, urls);
parentPort?.on('message', (question: CrowdQuestion) => void answer(question));

async function answer({ number, method, since }: CrowdQuestion): Promise<void> {
  try {
    parentPort?.postMessage({ number, value: await crowd[method](since) } satisfies CrowdAnswer);
  } catch (error) {
    parentPort?.postMessage({ number, error: String(error) } satisfies CrowdAnswer);
  }
}
