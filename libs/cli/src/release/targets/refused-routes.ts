import type { Manifest } from '../render/manifest.js';
import type { Condition } from './pods.js';

/** A route as the cluster has it. The controller of each Gateway that it asks for says there what it makes of it. */
export interface Route extends Manifest {
  metadata: Manifest['metadata'] & { generation?: number; deletionTimestamp?: string };
  status?: { parents?: Array<{ parentRef: { name: string }; conditions?: RouteCondition[] }> };
}

interface RouteCondition extends Condition {
  /** The route's, when the controller looked at it. */
  observedGeneration?: number;
}

/** The bad news among all that the Gateway API defines for a route. */
const badNews: Array<Pick<Condition, 'type' | 'status'>> = [
  { type: 'Accepted', status: 'False' },
  { type: 'ResolvedRefs', status: 'False' },
  { type: 'PartiallyInvalid', status: 'True' },
];

/**
 * In sentences: which routes a Gateway refuses, or can't follow as a whole. An API server takes what the controller behind it does not
 * implement: the route is there as the table says, and no player comes in by it. An Ingress has no such status.
 */
export function refusals({ kind, metadata, status }: Route): string[] {
  return (status?.parents ?? []).flatMap(({ parentRef, conditions = [] }) =>
    conditions
      .filter(({ type, status: said }) => badNews.some((bad) => bad.type === type && bad.status === said))
      .map(({ type, status: said, reason = 'no reason', message = '', observedGeneration }) => {
        const isOld = (observedGeneration ?? Infinity) < (metadata.generation ?? 0);
        const when = isOld ? ', before its last change, which it has not looked at yet' : '';
        return `The Gateway ${parentRef.name} does not follow the ${kind} ${metadata.name}: ${type} is ${said} (${[reason, message].filter(Boolean).join(': ')})${when}.`;
      }),
  );
}
