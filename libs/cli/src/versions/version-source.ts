/** The code that a version is made of. */
export interface VersionSource {
  /** Its build's folder: the same code has the same name. */
  readonly name: string;
  /** As `release status` tells it: a commit, or `files-` and a hash of them. */
  readonly revision: string;
  /** Writes the code into a folder, with the present as the time of each file. */
  writeFiles(folder: string): Promise<void>;
}
