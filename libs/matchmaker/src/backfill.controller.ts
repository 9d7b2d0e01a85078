import { Controller } from '@nestjs/common';
import { backfillHandlers, type BackfillOfDto, type BackfillStatus, type RequestBackfillDto } from './contracts/backfill.js';
import { ServerHandler } from '@ccgame/rpc';
import { Backfills } from './matches/backfills.js';

/** What running matches ask of matching. */
@Controller()
export class BackfillController {
  constructor(private readonly backfills: Backfills) {}

  @ServerHandler(backfillHandlers.request)
  request(request: RequestBackfillDto): Promise<BackfillStatus> {
    return this.backfills.request(request);
  }

  @ServerHandler(backfillHandlers.cancel)
  cancel(match: BackfillOfDto): Promise<BackfillStatus> {
    return this.backfills.cancel(match);
  }

  @ServerHandler(backfillHandlers.status)
  status(match: BackfillOfDto): Promise<BackfillStatus> {
    return this.backfills.status(match);
  }
}
