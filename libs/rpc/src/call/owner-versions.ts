/** Objects whose version is kept; the one that was used longest ago goes first. */
const mostKept = 50_000;

/**
 * The versions in which objects with an owner were met, where that isn't the caller's own. Servers correct it by the answer
 * MOVED, so it is never asked for beforehand; what it forgets costs one call more.
 */
export class OwnerVersions {
  private readonly versions = new Map<string, string>();

  /** @param object by its server type and name */
  versionOf(object: string): string | undefined {
    const version = this.versions.get(object);
    if (version !== undefined) this.rememberVersion(object, version);
    return version;
  }

  rememberVersion(object: string, version: string): void {
    this.versions.delete(object);
    this.versions.set(object, version);
    if (this.versions.size <= mostKept) return;
    const [oldest] = this.versions.keys();
    this.versions.delete(oldest);
  }

  forgetVersion(object: string): void {
    this.versions.delete(object);
  }
}
