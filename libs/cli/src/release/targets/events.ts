/** An event of Kubernetes about an object: the fields that are read here. */
export interface ClusterEvent {
  involvedObject: { name: string; uid: string };
  reason: string;
  message: string;
  lastTimestamp?: string;
  eventTime?: string;
}

/** The event that Kubernetes saw last; undefined where there is none. */
export function newestEvent(events: ClusterEvent[]): ClusterEvent | undefined {
  const at = ({ lastTimestamp, eventTime }: ClusterEvent): number =>
    Date.parse(lastTimestamp ?? eventTime ?? '') || 0;
  return events.reduce<ClusterEvent | undefined>(
    (last, one) => (last && at(last) > at(one) ? last : one),
    undefined,
  );
}
