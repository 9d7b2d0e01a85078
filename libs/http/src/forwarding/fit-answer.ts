import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Bytes of a body that fits into one message of NATS, in base64 and with its headers. */
const mostBytes = 700 * 1024;
const compress = promisify(gzip);

type HeaderFields = Record<string, string | string[] | undefined>;

/** An answer as it goes to the client. */
interface Answer {
  headers: HeaderFields;
  body: Buffer;
}

/**
 * An answer that goes over NATS to the server of another version, which gives it to its client. A large one is compressed, where the client
 * takes that.
 *
 * @param accepted the client's `accept-encoding`
 * @throws Error for one that is still too large: the client sent no such thing, so it is no 413
 */
export async function fitAnswer(answer: Answer, accepted: string | string[] | undefined): Promise<Answer> {
  if (answer.body.length <= mostBytes) return answer;
  const isPlain = answer.headers['content-encoding'] === undefined;
  const body = isPlain && takesGzip(accepted) ? await compress(answer.body) : answer.body;
  if (body.length > mostBytes) {
    throw new Error(
      `The answer has ${answer.body.length} bytes: more than the ${mostBytes} that go to the server of another version`,
    );
  }
  return { headers: ofCompressed(answer.headers), body };
}

/** `gzip;q=0` says that it is not taken: RFC 9110, section 12.5.3. */
function takesGzip(accepted: string | string[] | undefined): boolean {
  return /(^|[\s,])(gzip|\*)\s*(,|$|;\s*q=(1|0\.0*[1-9]))/i.test(String(accepted ?? ''));
}

/** Its tag is a weak one by now, as the bytes are others: RFC 9110, section 8.8.1. */
function ofCompressed({ 'content-length': _, etag, vary, ...rest }: HeaderFields): HeaderFields {
  return {
    ...rest,
    'content-encoding': 'gzip',
    vary: vary === undefined ? 'accept-encoding' : `${String(vary)}, accept-encoding`,
    ...(etag !== undefined && { etag: String(etag).replace(/^"/, 'W/"') }),
  };
}
