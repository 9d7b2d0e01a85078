import { sourceVersion } from './manifest.js';

/** The parts of an image's name. */
export interface ImageName {
  /** With its registry: `registry.example.com:5000/studio/game`. */
  repository: string;
  tag?: string;
  /** `sha256:…`; it goes before the tag. */
  digest?: string;
}

/** `registry/game:1.0@sha256:…` → its parts. */
export function parseImage(image: string): ImageName {
  const [path = '', digest] = image.split('@');
  const colon = path.lastIndexOf(':');
  // A colon before a slash is that of the registry's port.
  const isTag = colon > path.lastIndexOf('/');
  return {
    repository: isTag ? path.slice(0, colon) : path,
    tag: isTag ? path.slice(colon + 1) : undefined,
    digest,
  };
}

/** As a whole: `1.0.0000` in `1.0.0000-alpine` and `v1.0.0000`, but not in `11.0.0000` or `1.0.00001`. */
const versionInTag = new RegExp(`(?<![\\d.])${sourceVersion.replaceAll('.', '\\.')}(?!\\d|\\.\\d)`);

/**
 * The image of another version, from the one that the manifests name: the version in its tag is replaced.
 *
 * @throws Error when no tag tells the version, so that the new version would run the old code
 */
export function imageOfVersion(source: string, version: string): string {
  if (version === sourceVersion) return source;
  const { repository, tag, digest } = parseImage(source);
  if (digest !== undefined)
    throw new Error(
      `The manifests name ${source} by its digest, which is one image: say --image for ${version}.`,
    );
  if (tag === undefined || !versionInTag.test(tag))
    throw new Error(
      `The tag of ${source} does not tell its version, ${sourceVersion}: say --image for ${version}.`,
    );
  return `${repository}:${tag.replace(versionInTag, version)}`;
}
