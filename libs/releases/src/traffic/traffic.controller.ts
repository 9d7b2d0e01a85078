import { Controller } from '@nestjs/common';
import { type Traffic, trafficHandlers } from './traffic.contract.js';
import { TrafficCounter } from './traffic-counter.js';
import { ServerHandler } from '@ccgame/rpc';

@Controller()
export class TrafficController {
  constructor(private readonly traffic: TrafficCounter) {}

  @ServerHandler(trafficHandlers.ofHttp)
  readTraffic(): Traffic {
    return this.traffic.readCounts();
  }
}
