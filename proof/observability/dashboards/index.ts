import { boards } from './boards.js';
import { edge } from './edge.js';
import { matching } from './matching.js';
import { nats } from './nats.js';
import { overview } from './overview.js';
import { releases } from './releases.js';
import { rooms } from './rooms.js';
import { rpc } from './rpc.js';
import type { Dashboard } from '../panels.js';

/** All of them: `npm run dashboards` writes their JSON. */
export const dashboards: Dashboard[] = [overview, edge, rpc, matching, boards, rooms, releases, nats];
