import type { ReleaseTable } from '@ccgame/releases';
import { servedVersions, serviceFor } from './backends.js';
import { annotate, changePaths, type Ingress, pathFor, versionedServices } from './ingress.js';
import type { Manifest } from './manifest.js';
import { mapStrings, renameVersion } from './manifests.js';
import { serviceMatchOf } from './rule-matches.js';
import type { Template } from './template.js';

/**
 * One Ingress with Alibaba Cloud's `service-match`: each version by header, and each rule of one word by what it asks for. Every path names the Services of all versions,
 * stable's first, as the annotation chooses among them. `service-weight` is left out: it shares what matches a header, so
 * that players who name a version would get another one, and gives stable to those who name none.
 *
 * Source: https://www.alibabacloud.com/help/doc-detail/96470.htm
 */
export function renderAlibabaIngress({ routes, env }: Template, table: ReleaseTable): Manifest[] {
  const { stable } = table;
  const versions = [stable, ...servedVersions(table).filter((version) => version !== stable)];
  const ingresses = routes.map(
    (route) => mapStrings(route, (text) => renameVersion(text, stable, env)) as Ingress,
  );
  return ingresses.map((ingress) => {
    const services = versionedServices(ingress);
    if (services.length === 0) return ingress;
    const matches = versions.flatMap((version) =>
      services.map((service) => `${serviceFor(service, version, table)}: header("Version", "${version}")`),
    );
    const byRule = table.canaries.flatMap(({ version, rules }) =>
      rules.flatMap((rule) => {
        const match = serviceMatchOf(rule);
        return match ? services.map((service) => `${serviceFor(service, version, table)}: ${match}`) : [];
      }),
    );
    const annotated = annotate(ingress, { 'service-match': `${[...matches, ...byRule].join('\n')}\n` });
    return changePaths(annotated, (path) => {
      const paths = versions.map((version) => pathFor(path, version, table));
      const names = paths.map(({ backend }) => backend.service?.name);
      return paths.filter((_, index) => names.indexOf(names[index]) === index);
    });
  });
}
