import { isMistake } from './mistakes.js';
import { type Platform, randomBytesOf, storageOf } from './platform.js';

const key = 'ccgame.device';

/** Whether the platform can make the device id of a guest and keep it. */
export function canKeepDeviceId(platform: Platform): boolean {
  return storageOf(platform) !== undefined && randomBytesOf(platform) !== undefined;
}

/**
 * The device id in the storage; made at the first time. It logs its guest in, so nobody may be able to guess it.
 *
 * @param own made before, and not kept: a storage that is full takes nothing, and its guest plays on all the same
 */
export async function keptDeviceId(platform: Platform, own?: string): Promise<string> {
  const storage = storageOf(platform);
  const randomBytes = randomBytesOf(platform);
  if (!storage || !randomBytes) throw new TypeError('expected a storage and random bytes');
  const kept = await storage.getItem(key);
  if (kept) return kept;
  const made = own ?? hexOf(await randomBytes(16));
  try {
    await storage.setItem(key, made);
  } catch (error) {
    if (isMistake(error)) throw error;
  }
  // Two tabs may do this at once: the later one's is the device's.
  return (await storage.getItem(key)) || made;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
