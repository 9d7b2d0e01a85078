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
 * @param own this client's, as it was given before: it stays that, and is kept where a storage that was full has room by now
 */
export async function keptDeviceId(platform: Platform, own?: string): Promise<string> {
  const storage = storageOf(platform);
  const randomBytes = randomBytesOf(platform);
  if (!storage || !randomBytes) throw new TypeError('expected a storage and random bytes');
  const read = async () => storage.getItem(key);
  const id = own ?? ((await read()) || hexOf(await randomBytes(16)));
  try {
    // Two tabs may do this at once: the first one's is the device's.
    if (!(await read())) await storage.setItem(key, id);
  } catch (error) {
    if (isMistake(error)) throw error;
  }
  return own ?? ((await read()) || id);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
