import { buildSource } from '../versions/build-source.js';
import { findSource } from '../versions/find-source.js';
import { pruneBuilds } from '../versions/prune-builds.js';
import type { VersionBuild } from '../versions/version-build.js';
import type { WantedVersion } from './options.js';
import type { Steps } from './steps.js';

/** A version and the code of its servers. */
export interface BuiltVersion {
  version: string;
  build: VersionBuild;
}

/** Gives the code that is in the game's folder now. */
export type BuildCheckout = () => Promise<VersionBuild>;

/**
 * The code of each version. A source that can't be had is told before the first build.
 *
 * @param root the game's folder
 * @throws SourceProblem
 */
export async function prepareBuilds(
  root: string,
  wanted: WantedVersion[],
  steps: Steps,
  buildCheckout: BuildCheckout,
): Promise<BuiltVersion[]> {
  pruneBuilds(root);
  const sources = await Promise.all(
    wanted.map(({ source }) =>
      source === undefined ? Promise.resolve(undefined) : findSource(root, source),
    ),
  );
  const built: BuiltVersion[] = [];
  for (const [index, { version, source: text }] of wanted.entries()) {
    const source = sources[index];
    const build = source
      ? await steps.runStep(`building ${version} of ${text}`, (progress) =>
          buildSource(root, source, progress),
        )
      : await buildCheckout();
    built.push({ version, build });
  }
  return built;
}
