import { Controller } from '@nestjs/common';
import { type Traffic, trafficHandlers } from '@ccgame/releases';
import { TrafficCounter } from '@ccgame/releases';
import { ServerHandler } from '@ccgame/rpc';

@Controller()
export class TrafficController {
  constructor(private readonly traffic: TrafficCounter) {}

  @ServerHandler(trafficHandlers.ofConnector)
  readTraffic(): Traffic {
    return this.traffic.readCounts();
  }
}
