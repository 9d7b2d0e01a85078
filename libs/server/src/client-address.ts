import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

/** The address that a connection or request counts for. */
export interface ClientAddress {
  /** An IPv4 address, or the /64 network of an IPv6 one, as that is what one home or phone has. */
  key: string;
  /** A proxy that is trusted and names nobody: it may stand for many players. */
  isProxy: boolean;
}

/** The headers of a request, as Node or the connector reads them. */
interface Headed {
  headers: object;
}

/** Finds the client's address behind proxies whose `X-Forwarded-For` is believed, over HTTP and at the connector alike. */
export class ClientAddresses {
  private readonly isTrusted: (address: string, hop: number) => boolean;

  /** @param proxies the networks of TRUSTED_PROXIES; false: none */
  constructor(proxies: string[] | false) {
    this.isTrusted = proxies === false ? () => false : proxyAddr.compile(proxies);
  }

  /** A peer that is no proxy is the client itself, whatever it says in its headers. Undefined: the headers must be read. */
  addressOfPeer(peer: string): ClientAddress | undefined {
    const address = asIpv4(peer);
    return this.isTrusted(address, 0) ? undefined : { key: keyOf(address), isProxy: false };
  }

  /** The last address of the header that is no trusted proxy. */
  addressBehind(peer: string, { headers }: Headed): ClientAddress {
    const request = { headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage;
    const found = withoutPort(
      proxyAddr(request, (address, hop) => this.isTrusted(withoutPort(address), hop)),
    );
    // No proxy writes a text that is no address: then only the proxy's own address is known.
    const address = isIP(found) > 0 ? found : asIpv4(peer);
    return { key: keyOf(address), isProxy: this.isTrusted(address, 0) };
  }
}

/** Some proxies write `203.0.113.7:51000`, or `[2001:db8::1]:51000`. */
function withoutPort(text: string): string {
  const inBrackets = /^\[([^\]]+)\](:\d+)?$/.exec(text)?.[1];
  return asIpv4(inBrackets ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text);
}

/** A socket that takes both kinds shows an IPv4 address as `::ffff:203.0.113.7`. */
function asIpv4(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function keyOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros =
    tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const network = [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16));
  return `${network.join(':')}::/64`;
}
