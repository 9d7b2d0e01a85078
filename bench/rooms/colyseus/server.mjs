// The arena's twin on Colyseus: the same rules, 20 ticks a second, its own schema and ws transport. Its state lives in memory alone.
import { Room, Server } from '@colyseus/core';
import { ArraySchema, defineTypes, Schema } from '@colyseus/schema';
import { WebSocketTransport } from '@colyseus/ws-transport';
import {
  driveBot,
  field,
  moveDisc,
  placeDiscs,
  placeGem,
  rule,
  steerDisc,
  touches,
} from '../../../dist/examples/arena/src/rules.js';

const point = { x: 'number', y: 'number' };

class PointState extends Schema {}
defineTypes(PointState, point);

class DiscState extends Schema {}
defineTypes(DiscState, {
  ...point,
  id: 'string',
  isBot: 'boolean',
  score: 'number',
  inputs: 'number',
  steer: PointState,
  speed: PointState,
});

class ArenaState extends Schema {}
defineTypes(ArenaState, {
  tick: 'number',
  rule: 'string',
  phase: 'string',
  secondsLeft: 'number',
  discs: [DiscState],
  gems: [PointState],
});

const pointOf = (from) => Object.assign(new PointState(), from);

class ArenaRoom extends Room {
  maxClients = 4;

  onCreate({ players }) {
    const state = new ArenaState();
    Object.assign(state, { tick: 0, rule, phase: 'playing', secondsLeft: field.roundMs / 1_000 });
    state.discs = new ArraySchema(
      ...placeDiscs(players).map(({ steer, speed, ...disc }) =>
        Object.assign(new DiscState(), disc, { steer: pointOf(steer), speed: pointOf(speed) }),
      ),
    );
    state.gems = new ArraySchema();
    this.state = state;
    this.patchRate = null;
    this.onMessage('steer', (client, steer) => this.steer(client, steer));
    this.setSimulationInterval(() => this.step(), 50);
  }

  onJoin(client, { playerId }) {
    client.userData = { playerId };
    this.discOf(client).isBot = false;
  }

  discOf({ userData }) {
    return this.state.discs.find(({ id }) => id === userData.playerId);
  }

  steer(client, { x, y }) {
    const disc = this.discOf(client);
    // Rounded as the rules do it; the schema's own point takes the values.
    const steered = { inputs: disc.inputs };
    steerDisc(steered, { x, y });
    Object.assign(disc.steer, steered.steer);
    disc.inputs = steered.inputs;
  }

  step() {
    const { state } = this;
    state.tick += 1;
    while (state.gems.length < field.gems) state.gems.push(pointOf(placeGem(Math.random)));
    for (const disc of state.discs) {
      if (disc.isBot) driveBot(disc, [...state.gems]);
      moveDisc(disc, 0.05);
      for (let place = state.gems.length - 1; place >= 0; place -= 1) {
        if (!touches(disc, state.gems[place])) continue;
        state.gems.splice(place, 1);
        disc.score += 1;
      }
    }
    state.secondsLeft = Math.ceil(Math.max(0, field.roundMs - state.tick * 50) / 1_000);
    this.broadcastPatch();
  }
}

const server = new Server({ transport: new WebSocketTransport({}), greet: false });
server.define('arena', ArenaRoom);
await server.listen(Number(process.env.PORT));
process.send?.('ready');
