import { Controller } from '@nestjs/common';
import { rememberedRelease, type RememberedRelease } from '#contracts';
import { ReleaseService } from '#releases';
import { ServerHandler } from '#rpc';

@Controller()
export class RememberedReleaseController {
  constructor(private readonly releases: ReleaseService) {}

  @ServerHandler(rememberedRelease.ofConnector)
  read(): RememberedRelease {
    return { record: this.releases.remembered() };
  }
}
