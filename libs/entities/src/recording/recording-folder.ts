import { appendFile, mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
/** The most of all files in the folder, also those of other servers; the oldest go. */
const most = { bytes: 256 * 1024 * 1024, files: 10_000 };
/** The folder is looked at again when this server has written so much since, or begun so many files. */
const lookAfterBytes = 4 * 1024 * 1024;
const lookAfterFiles = 100;
const extension = '.jsonl.gz';

interface FoundFile {
  path: string;
  size: number;
  mtimeMs: number;
}

/** The files of recordings. Several servers may share the folder. */
export class RecordingFolder {
  private bytesSince = lookAfterBytes;
  private filesSince = 0;

  constructor(
    private readonly path: string,
    private readonly limits = most,
  ) {}

  fileOf(name: string): string {
    return join(this.path, `${name}${extension}`);
  }

  /** Each part is a whole of gzip's: together they are one, and a part that is cut off takes no other with it. */
  async appendPart(file: string, text: string, isFirst: boolean): Promise<void> {
    if (isFirst) {
      await mkdir(this.path, { recursive: true });
      this.filesSince += 1;
    }
    const part = await compress(text);
    this.bytesSince += part.length;
    await appendFile(file, part);
  }

  /** Does nothing where little has come since the last time. */
  async removeOldest(): Promise<void> {
    if (this.bytesSince < lookAfterBytes && this.filesSince < lookAfterFiles) return;
    this.bytesSince = this.filesSince = 0;
    const files = await this.listFiles();
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    let count = files.length;
    for (const { path, size } of files.sort((one, other) => one.mtimeMs - other.mtimeMs)) {
      if (bytes <= this.limits.bytes && count <= this.limits.files) return;
      await unlink(path).catch(() => undefined);
      bytes -= size;
      count -= 1;
    }
  }

  private async listFiles(): Promise<FoundFile[]> {
    const names = (await readdir(this.path).catch(() => [])).filter((name) => name.endsWith(extension));
    const found = await Promise.all(names.map((name) => findFile(join(this.path, name))));
    return found.filter((file) => file !== undefined);
  }
}

/** Undefined: another server has removed it. */
async function findFile(path: string): Promise<FoundFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && { path, size: found.size, mtimeMs: found.mtimeMs };
}
