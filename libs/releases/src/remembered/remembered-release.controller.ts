import { Controller } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { ServerHandler } from '@ccgame/rpc';
import { ReleaseService } from '../release.service.js';
import { rememberedRelease, type RememberedRelease } from './remembered-release.contract.js';

/** The contract for whichever type this server is. Read when it starts: this library is also imported where there is no server. */
const ofThisServer = {
  ...rememberedRelease('any'),
  get serverType() {
    return Config.SERVER_TYPE;
  },
};

/** Tells the operator which table this server follows. */
@Controller()
export class RememberedReleaseController {
  constructor(private readonly releases: ReleaseService) {}

  @ServerHandler(ofThisServer)
  readRemembered(): RememberedRelease {
    return { record: this.releases.rememberedRecord() };
  }
}
