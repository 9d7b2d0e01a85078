import { setTimeout as sleep } from 'node:timers/promises';
import type { FencedPartition } from '@ccgame/ownership';

/** Acquires a partition as a server's registry does: once more after a pause, where NATS didn't answer in time. */
export async function acquirePartition(fenced: FencedPartition): Promise<void> {
  for (;;) {
    await fenced.acquire();
    if (fenced.state === 'owner') return;
    await sleep(Math.max(0, fenced.retryAt - performance.now()));
  }
}
