import { Controller } from '@nestjs/common';
import {
  backfillHandlers,
  type BackfillOfDto,
  type BackfillStatus,
  type RequestBackfillDto,
} from './contracts/backfill.js';
import { ServerHandler } from '@ccgame/rpc';
import { Backfills } from './matches/backfills.js';

/** Answers running matches. */
@Controller()
export class BackfillController {
  constructor(private readonly backfills: Backfills) {}

  @ServerHandler(backfillHandlers.request)
  requestBackfill(request: RequestBackfillDto): Promise<BackfillStatus> {
    return this.backfills.requestPlayers(request);
  }

  @ServerHandler(backfillHandlers.cancel)
  cancelBackfill(match: BackfillOfDto): Promise<BackfillStatus> {
    return this.backfills.cancelRequest(match);
  }

  @ServerHandler(backfillHandlers.status)
  backfillStatus(match: BackfillOfDto): Promise<BackfillStatus> {
    return this.backfills.statusOf(match);
  }
}
