import type { ClientEvents } from './client-events.js';

const ownEvents: Record<keyof ClientEvents, true> = {
  state: true,
  notRecovered: true,
  moved: true,
  error: true,
};

/** Whether the client tells the event by itself; any other name is the route of a push. */
export const isOwnEvent = (name: string): boolean => Object.prototype.hasOwnProperty.call(ownEvents, name);
