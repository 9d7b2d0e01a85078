import { Controller } from '@nestjs/common';
import { rememberedRelease, type RememberedRelease } from '@ccgame/releases';
import { ReleaseService } from '@ccgame/releases';
import { ServerHandler } from '@ccgame/rpc';

@Controller()
export class RememberedReleaseController {
  constructor(private readonly releases: ReleaseService) {}

  @ServerHandler(rememberedRelease.ofConnector)
  readRemembered(): RememberedRelease {
    return { record: this.releases.rememberedRecord() };
  }
}
