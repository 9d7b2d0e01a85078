import { type Platform, randomBytesOf, storageOf } from './platform.js';

const key = 'ccgame.device';

/** Whether the platform can make the device id of a guest and keep it. */
export function canKeepDeviceId(platform: Platform): boolean {
  return storageOf(platform) !== undefined && randomBytesOf(platform) !== undefined;
}

/** The device id in the storage; made at the first time. It logs its guest in, so nobody may be able to guess it. */
export async function keptDeviceId(platform: Platform): Promise<string> {
  const storage = storageOf(platform);
  const randomBytes = randomBytesOf(platform);
  if (!storage || !randomBytes) throw new TypeError('expected a storage and random bytes');
  const kept = await storage.getItem(key);
  if (kept) return kept;
  const bytes = await randomBytes(16);
  const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  await storage.setItem(key, made);
  // Two tabs may do this at once: the later one's is the device's.
  return (await storage.getItem(key)) || made;
}
