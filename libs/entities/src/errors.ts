import { defineErrors } from '@ccgame/rpc';

/** The errors of entities that callers may meet. */
export const EntityErrors = defineErrors({
  NO_ENTITY: { message: 'There is no such entity', status: 404 },
  ENTITY_EXISTS: { message: 'An entity of that id is there already', status: 409 },
  ROOM_FULL: { message: 'The room has as many members as it takes', status: 409 },
  NOT_ADMITTED: { message: 'The entity does not admit the player', status: 403 },
  ENTITY_STOPPED: {
    message: 'The entity failed again and again and was stopped; its state is kept',
    status: 500,
  },
  STATE_UNREADABLE: {
    message: 'The state that is stored of the entity is none, and stays as it is',
    status: 500,
  },
  ENTITY_REFUSED: { message: 'That version does not take the entity', status: 409 },
  TOO_MANY_CALLS: { message: 'Too many calls of the entity have not arrived yet', status: 503 },
  CALL_REFUSED: { message: 'The entity had the call, and its handler threw', status: 409 },
  STATE_TOO_LARGE: { message: 'The state would be larger than is stored', status: 413 },
});
