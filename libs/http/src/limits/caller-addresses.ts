import { Config } from '@ccgame/config';
import { type ClientAddress, ClientAddresses } from '@ccgame/server';
import type { FastifyRequest } from 'fastify';

type Asked = Pick<FastifyRequest, 'socket' | 'headers'>;

/** The addresses that requests come from; the proxies before them are those of TRUSTED_PROXIES. */
export class CallerAddresses {
  private readonly addresses = new ClientAddresses(Config.TRUSTED_PROXIES);

  /** `request.ip` would have the port that some proxies write, which is another one for each connection. */
  addressOf({ socket, headers }: Asked): ClientAddress {
    const peer = socket.remoteAddress ?? '';
    return this.addresses.addressOfPeer(peer) ?? this.addresses.addressBehind(peer, { headers });
  }

  /** Undefined: the client has gone, or only a proxy's address is known, which is that of many. */
  clientOf(request: Asked): string | undefined {
    const { key, isProxy } = this.addressOf(request);
    return isProxy || key === '' ? undefined : key;
  }
}
