import { endCanary } from '#releases';
import { judgeCanary, sampleOf } from './guard.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import { surveyServers } from './survey.js';

const lookEveryMs = 2000;

/** Compares the canary with stable for a while, and rolls it back by itself when it is worse, saying why. */
export async function watchCanary(session: ReleaseSession, version: string, seconds: number): Promise<void> {
  const { table } = await requireTable(session);
  const before = await surveyServers(session.nats);
  const until = Date.now() + seconds * 1000;
  console.log(`guarding ${version} against ${table.stable} for ${seconds} s`);
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(lookEveryMs, until - Date.now())));
    const now = await surveyServers(session.nats);
    const verdict = judgeCanary(sampleOf(table.stable, before, now), sampleOf(version, before, now));
    if (verdict.ok) continue;
    await session.change(`guard rolled ${version} back: ${verdict.reason}`, endCanary(version));
    throw new Error(`${version} was rolled back: ${verdict.reason}.`);
  }
  console.log(`${version} is no worse than ${table.stable}.`);
}
