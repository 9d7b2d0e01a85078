// The contract by which operators ask servers with entities, alone: a command that imports it starts quickly.
export {
  EntityList,
  ListEntitiesDto,
  ListedEntity,
  listEntitiesHandler,
} from '../host/entity-list.contract.js';
