// A test for the compiler, run by `npm run types`: each line under `@ts-expect-error` must not compile, all others must.
import { IsInt, IsString } from 'class-validator';
import { clientHandler, serverHandler } from '../src/contract/contract.js';
import { ClientHandler, ServerHandler } from '../src/contract/decorators.js';
import { type RpcService } from '../src/call/rpc.service.js';

class JoinDto {
  @IsString() mode: string;
}
class TicketDto {
  @IsInt() place: number;
}

const join = clientHandler({ serverType: 'back', handler: 'join', payload: JoinDto, result: TicketDto });
const list = serverHandler({ serverType: 'back', handler: 'list', payload: [String], result: [TicketDto] });
const stop = serverHandler({ serverType: 'back', handler: 'stop' });

export async function calls(rpc: RpcService): Promise<number[]> {
  const ticket = await rpc.doRPC({ handler: join }, { mode: 'duel' });
  const tickets = await rpc.doRPC({ serverId: 'back-0', handler: list }, ['a']);
  await rpc.doRPC({ handler: stop }, undefined);
  await rpc.sendRPC({ handler: join, all: true }, { mode: 'duel' });
  const [gathered] = await rpc.gatherRPC({ serverId: 'back', handler: join }, { mode: 'duel' });

  // @ts-expect-error -- no such field
  await rpc.doRPC({ handler: join }, { mod: 'duel' });
  // @ts-expect-error -- another type
  await rpc.doRPC({ handler: join }, { mode: 1 });
  // @ts-expect-error -- no payload
  await rpc.doRPC({ handler: join }, undefined);
  // @ts-expect-error -- one instead of a list
  await rpc.doRPC({ handler: list }, 'a');
  // @ts-expect-error -- the handler takes nothing
  await rpc.doRPC({ handler: stop }, { now: true });
  // @ts-expect-error -- no such field
  await rpc.sendRPC({ handler: join }, { mod: 'duel' });
  // @ts-expect-error -- no such field
  await rpc.gatherRPC({ serverId: 'back', handler: join }, { mod: 'duel' });
  // @ts-expect-error -- no such result
  const place: string = ticket.place;
  // @ts-expect-error -- a handler by name needs its type
  await rpc.doRPC({ handler: 'join' }, {});

  const other = gathered && 'data' in gathered ? gathered.data.place : 0;
  return [ticket.place, tickets[0]?.place ?? 0, other, Number(place)];
}

export class RightController {
  @ClientHandler(join)
  join({ mode }: JoinDto): TicketDto {
    return { place: mode.length };
  }

  @ServerHandler(list)
  async list(players: string[]): Promise<TicketDto[]> {
    return players.map((_, place) => ({ place }));
  }
}

export class WrongController {
  // @ts-expect-error -- the contract's payload has no `name`
  @ClientHandler(join)
  join({ name }: { name: string }): TicketDto {
    return { place: name.length };
  }

  // @ts-expect-error -- the contract's result is a list
  @ServerHandler(list)
  list(): TicketDto {
    return { place: 1 };
  }

  // @ts-expect-error -- the result's field is a number
  @ClientHandler(join)
  async again(_: JoinDto): Promise<{ place: string }> {
    return { place: 'first' };
  }
}
