import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { ServerHandler } from '@ccgame/rpc';
import { type Traffic, trafficHandler } from './traffic.contract.js';
import { TrafficCounter } from './traffic-counter.js';

/** The contract for whichever type this server is. Read when it starts: this library is also imported where there is no server. */
const ofThisServer = {
  ...trafficHandler('any'),
  get serverType() {
    return Config.SERVER_TYPE;
  },
};

/** Tells the operator what this server's players met. */
@Controller()
export class TrafficController {
  private readonly incarnation = randomUUID();

  constructor(private readonly traffic: TrafficCounter) {}

  @ServerHandler(ofThisServer)
  readTraffic(): Traffic {
    return { incarnation: this.incarnation, ...this.traffic.readCounts() };
  }
}
