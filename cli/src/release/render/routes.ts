import type { ReleaseTable } from '#releases';
import { renderAlibabaIngress } from './alibaba-ingress.js';
import { renderGatewayRoutes } from './gateway-routes.js';
import type { Manifest } from './manifests.js';
import { renderNginxIngresses } from './nginx-ingress.js';

/** Who reads the routes: a Gateway, an Ingress controller with ingress-nginx' annotations, or Alibaba Cloud's. */
export const dialects = ['gateway', 'nginx', 'alibaba'] as const;
export type Dialect = (typeof dialects)[number];

const renderers = {
  gateway: renderGatewayRoutes,
  nginx: renderNginxIngresses,
  alibaba: renderAlibabaIngress,
};

/**
 * All routes that the table asks for.
 *
 * @param folder the manifests of the one source version
 */
export function renderRoutes(dialect: Dialect, folder: string, table: ReleaseTable): Manifest[] {
  return renderers[dialect](folder, table);
}
