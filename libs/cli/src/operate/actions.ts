export { acts } from './act-on-player.js';
export { findPlayer } from './find-player.js';
export { listAudit } from './list-audit.js';
export { listRooms } from './list-rooms.js';
export { listServers } from './list-servers.js';
export { listSessions } from './list-sessions.js';
export { listTickets, showTicket } from './list-tickets.js';
export { show } from './show.js';
