/** JetStream republish, batched direct reads, batches of writes and a TTL for each message are missing or too slow before this. */
export const oldestNatsVersion = '2.12.0';

/** True for versions that ccgame can run on. Takes `2.15.2`, `v2.15.2` and pre-releases such as `2.12.0-beta.1`. */
export function isNatsVersionSupported(version: string): boolean {
  const [major = 0, minor = 0] = numbers(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbers(oldestNatsVersion);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function numbers(version: string): number[] {
  return version.replace(/^v/, '').split(/[.-]/).map(Number);
}
