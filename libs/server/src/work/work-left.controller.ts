import { Controller } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { ServerHandler } from '@ccgame/rpc';
import {
  type LeftBehind,
  leftBehindHandler,
  TakerDto,
  type WorkList,
  workLeftHandler,
} from './work-left.contract.js';
import { WorkLeft } from './work-left.js';

/** The contract for whichever type this server is. Read when it starts: this library is also imported where there is no server. */
function ofThisServer<C extends object>(contract: C): C {
  const labels = {
    get serverType() {
      return Config.SERVER_TYPE;
    },
  };
  return Object.defineProperties({ ...contract }, Object.getOwnPropertyDescriptors(labels));
}

const mostProblems = 10;

/** Tells the operator what would be cut off, or stay behind. */
@Controller()
export class WorkLeftController {
  constructor(private readonly work: WorkLeft) {}

  @ServerHandler(ofThisServer(workLeftHandler('any')))
  tellWorkLeft(): WorkList {
    return { items: this.work.listWork() };
  }

  @ServerHandler(ofThisServer(leftBehindHandler('any')))
  async tellLeftBehind({ version }: TakerDto): Promise<LeftBehind> {
    const { problems, tried } = await this.work.findLeftBehind(version);
    return { problems: problems.slice(0, mostProblems).map((problem) => problem.slice(0, 500)), tried };
  }
}
