import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const sizeMb = 64;

/**
 * A disk of a nats-server's own that a test can fill: a tmpfs of 64 MB, which takes root to mount. Its streams may reserve more than it has, as on a
 * volume that others fill.
 */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** @param natsFolder the folder of the NATS that is to store there */
  static mount(natsFolder: string): SmallDisk {
    const folder = join(natsFolder, 'jetstream');
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** Writes until the disk takes no more. */
  fill(): void {
    const handle = openSync(this.filler, 'a');
    for (let size = 1 << 20; size >= 512;) {
      try {
        writeSync(handle, Buffer.alloc(size));
      } catch {
        size >>= 1;
      }
    }
    closeSync(handle);
  }

  /** Frees all that {@link fill} wrote. */
  free(): void {
    rmSync(this.filler);
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
  }

  private get filler(): string {
    return join(this.folder, 'filler');
  }
}
