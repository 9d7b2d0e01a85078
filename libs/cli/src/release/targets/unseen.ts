import type { NatsConnection } from '@nats-io/nats-core';
import { surveyServers } from '../survey.js';
import type { ReleaseTarget, Servers } from './target.js';

/** A place that can't be asked which servers run there: those are known that answer, and of one that should be there nothing. */
export function unseen(target: ReleaseTarget, nats: NatsConnection): ReleaseTarget {
  const servers = async (): Promise<Servers> => {
    const heard = await surveyServers(nats);
    const counts = heard.map(({ serverType, version }) => ({ serverType, version, ready: 1, wanted: 1 }));
    return { counts, instances: [], isUnseen: true };
  };
  return Object.assign(Object.create(target) as ReleaseTarget, { servers });
}
