import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import { isName } from '@ccgame/config';
import { bytesHeader, headerBlock, type Headers } from './header-block.js';

const errorHeader = 'Rpc-Error';
const serverHeader = 'Rpc-Server';
/** Says of an answer that took long where the time was spent. */
const hopsHeader = 'Rpc-Hops';
const statusHeader = 'Rpc-Status';

/** The headers of an answer. Absent: it is the result, as JSON. */
export interface ReplyHead {
  binary?: boolean;
  /** The error's code; its public parts are the body. */
  error?: string;
  /** The server that speaks, and its incarnation: `matching-prod-v100000-0/k3j9`. */
  server?: string;
  /** `working`: not the answer, only the word that it is being worked on. `refused`: the work was not begun. */
  status?: 'working' | 'refused';
  /** See {@link decodeHops}. */
  hops?: string;
}

/** The headers of a reply. Each value must be free of line breaks. */
export function replyHeaders({ binary, error, server, status, hops }: ReplyHead): Headers {
  return headerBlock(
    (binary ? `${bytesHeader}: 1\r\n` : '') +
      (error ? `${errorHeader}: ${error}\r\n` : '') +
      (server ? `${serverHeader}: ${server}\r\n` : '') +
      (status ? `${statusHeader}: ${status}\r\n` : '') +
      (hops ? `${hopsHeader}: ${hops}\r\n` : ''),
  );
}

/** NATS itself answers a request that nobody listens to with an empty 503. */
export function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}

/** The answering side wrote it: a text that begins with no id is no server, as no other could be asked whether it lives. */
function serverIn(text: string): string | undefined {
  return isName('serverId', text.split('/', 1)[0]) ? text : undefined;
}

/** Reads the headers of a reply, of an older server too. */
export function readReplyHead(headers: MsgHdrs): ReplyHead {
  const status = headers.get(statusHeader);
  return {
    binary: headers.has(bytesHeader),
    error: headers.get(errorHeader) || undefined,
    server: serverIn(headers.get(serverHeader)),
    status: status === 'working' || status === 'refused' ? status : undefined,
    hops: headers.get(hopsHeader) || undefined,
  };
}
