import { openBuild } from '../versions/build-source.js';
import type { VersionBuild } from '../versions/version-build.js';
import type { BuildCheckout } from './prepare-builds.js';

/** The release command's request to a running launcher. */
export interface StartRequest {
  /** Server types; all of the build when left out. */
  types?: string[];
  /** A finished build; when left out that of the version's servers, else what is built in the game's folder now. */
  folder?: string;
}

/** The code that a version is to be started with. @param present that of its servers which run already */
export async function chooseBuild(
  buildCheckout: BuildCheckout,
  { folder }: StartRequest,
  present: VersionBuild | undefined,
): Promise<VersionBuild> {
  if (folder === undefined) return present ?? buildCheckout();
  const asked = openBuild(folder);
  assertSameCode(asked, present);
  return asked;
}

/** @throws Error when a version's servers run other code than is asked for */
export function assertSameCode(asked: VersionBuild, present: VersionBuild | undefined): void {
  if (present && present.folder !== asked.folder)
    throw new Error(
      `Its servers run ${present.revision ?? present.folder}, not ${asked.revision ?? asked.folder}, and a version has the code of one place: retire it first, or choose another version.`,
    );
}
