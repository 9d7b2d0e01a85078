import type { ReleaseTable } from '@ccgame/releases';
import { renderAlibabaIngress } from './alibaba-ingress.js';
import { renderGatewayRoutes } from './gateway-routes.js';
import type { Manifest } from './manifest.js';
import { renderNginxIngresses } from './nginx-ingress.js';
import type { Template } from './template.js';

const renderers = {
  gateway: renderGatewayRoutes,
  nginx: renderNginxIngresses,
  alibaba: renderAlibabaIngress,
};

/** All routes that the table asks for, in the dialect of the template; none where it has none. */
export function renderRoutes(template: Template, table: ReleaseTable): Manifest[] {
  return template.dialect ? renderers[template.dialect](template, table) : [];
}
