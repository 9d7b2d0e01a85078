import { versionName } from '@ccgame/config';
import type { ReleaseTable } from '@ccgame/releases';

/**
 * The Service that players of a version reach: its own, or that of the version that stands in for it.
 *
 * @param service any version's, such as `http-prod-v100000`
 */
export function serviceFor(service: string, version: string, { fallbacks }: ReleaseTable): string {
  const [serverType = ''] = service.split('-');
  const serving = fallbacks[serverType]?.[version] ?? version;
  return service.replace(/-v\d+$/, `-${versionName(serving)}`);
}

/** Whether a Service is a version's, such as `http-prod-v100000`, and not one of the studio's own. */
export const isOfVersion = (service: string): boolean => /-v\d+$/.test(service);

/** Versions whose players may come. */
export function servedVersions({ versions }: ReleaseTable): string[] {
  return Object.keys(versions).filter((version) => {
    const state = versions[version]?.state;
    return state === 'live' || state === 'draining';
  });
}

/** The shares of clients that name no version, in percent: stable, and each canary that has a share. */
export function sharesOf({ stable, canaries }: ReleaseTable): Array<{ version: string; percent: number }> {
  const weighted = canaries.filter(({ weight }) => weight > 0);
  const others = weighted.reduce((sum, { weight }) => sum + weight, 0);
  // In steps of 0.01, as weights are: floating-point numbers make 91.96000000000001 of 100 - 8.04.
  const rest = Math.round((100 - others) * 100) / 100;
  return [
    { version: stable, percent: rest },
    ...weighted.map(({ version, weight }) => ({ version, percent: weight })),
  ];
}
