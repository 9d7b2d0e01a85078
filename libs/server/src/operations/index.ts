// The contracts by which operators ask every server, alone: a command that imports them starts quickly.
export {
  LeftBehind,
  leftBehindHandler,
  TakerDto,
  TriedWork,
  WorkItem,
  workLeftHandler,
  WorkList,
} from '../work/work-left.contract.js';
