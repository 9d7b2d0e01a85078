import type { ServerStats } from './survey.js';

/** Requests, errors and time of one version's servers over the watched period. */
export interface Sample {
  requests: number;
  errors: number;
  processingMs: number;
}

export type Verdict = { ok: true } | { ok: false; reason: string };

/** Below this the normal approximation says nothing. */
const fewestRequests = 100;
/** One-sided; strict, because the guard looks many times and must not cry wolf. */
const criticalZ = 3.09;
const slowestRatio = 2;

/**
 * Judges a canary against stable.
 *
 * Errors: the two-proportion z-test with the pooled proportion, one-sided, p < 0.001 (Wackerly, Mendenhall, Scheaffer,
 * Mathematical Statistics with Applications, 7th ed., section 10.3). Latency: the mean time a request may be at most twice
 * stable's.
 */
export function judgeCanary(stable: Sample, canary: Sample): Verdict {
  if (canary.requests < fewestRequests || stable.requests < fewestRequests) return { ok: true };
  const [p, q] = [canary.errors / canary.requests, stable.errors / stable.requests];
  const pooled = (canary.errors + stable.errors) / (canary.requests + stable.requests);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / canary.requests + 1 / stable.requests));
  if (deviation > 0 && (p - q) / deviation > criticalZ) {
    return {
      ok: false,
      reason: `${percent(p)} of its requests fail, ${percent(q)} of stable's (z = ${((p - q) / deviation).toFixed(1)})`,
    };
  }
  const [own, other] = [canary.processingMs / canary.requests, stable.processingMs / stable.requests];
  if (own > other * slowestRatio && own > 1) {
    return {
      ok: false,
      reason: `a request takes it ${own.toFixed(1)} ms on average, stable ${other.toFixed(1)} ms`,
    };
  }
  return { ok: true };
}

/** What a version did between two surveys; servers that started in between count from zero. */
export function sampleOf(version: string, before: ServerStats[], now: ServerStats[]): Sample {
  const sample = { requests: 0, errors: 0, processingMs: 0 };
  for (const server of now.filter((one) => one.version === version)) {
    const old = before.find(({ serverId }) => serverId === server.serverId);
    // A counter that went back belongs to a new life of the server.
    const base = old && old.requests <= server.requests ? old : { requests: 0, errors: 0, processingMs: 0 };
    sample.requests += server.requests - base.requests;
    sample.errors += server.errors - base.errors;
    sample.processingMs += server.processingMs - base.processingMs;
  }
  return sample;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
