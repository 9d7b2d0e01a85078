// Apart from the boards themselves: servers without rooms load no entities.
export { RoomResult, RoomScore } from './room-result.dto.js';
export { type RoomResults, roomResults } from './room-results.js';
