import { Controller } from '@nestjs/common';
import { rememberedRelease, type RememberedRelease } from './remembered-release.contract.js';
import { ReleaseService } from '../release.service.js';
import { ServerHandler } from '@ccgame/rpc';

@Controller()
export class RememberedReleaseController {
  constructor(private readonly releases: ReleaseService) {}

  @ServerHandler(rememberedRelease.ofHttp)
  readRemembered(): RememberedRelease {
    return { record: this.releases.rememberedRecord() };
  }
}
