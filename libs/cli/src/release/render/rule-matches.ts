import type { Rule } from '@ccgame/releases';

/** As HTTPRoute matches it. The default type is written out, or `kubectl apply` would find each list changed. */
export interface HttpMatch {
  headers?: Array<{ type: 'Exact' | 'RegularExpression'; name: string; value: string }>;
  queryParams?: Array<{ type: 'Exact'; name: string; value: string }>;
}

/** Why routes can't tell whom a rule is about; undefined where they can. */
export function unroutable({ players, build }: Rule): string | undefined {
  if (players) return 'who a player is stands in the token';
  if (build) return 'a range of builds is no match';
  return undefined;
}

/** As the Gateway API takes the name of a header or query (RFC 9110, a token). */
const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/** Why a Gateway would refuse the whole route for a rule; undefined where it takes it. */
export function refusedByGateway({ header, query, cookie, region }: Rule): string | undefined {
  const isTaken = [header, query].every((one) => !one || (token.test(one.name) && one.value !== ''));
  if (!isTaken)
    return 'a Gateway takes no empty value, and no name with other signs than letters, digits and a few marks';
  const isTwice = (query?.name === 'region' && region) || (header?.name.toLowerCase() === 'cookie' && cookie);
  return isTwice ? 'a Gateway takes each name once' : undefined;
}

/** A rule as a Gateway matches it; undefined where it can't. Cookies take a regular expression, which not all Gateways know. */
export function httpMatchOf(rule: Rule): HttpMatch | undefined {
  if (unroutable(rule) ?? refusedByGateway(rule)) return undefined;
  const { header, query, cookie, region } = rule;
  const exactly = (name: string, value: string) => [{ type: 'Exact' as const, name, value }];
  const headers: HttpMatch['headers'] = [
    ...(header ? exactly(header.name, header.value) : []),
    ...(cookie ? [{ type: 'RegularExpression' as const, name: 'Cookie', value: cookiePattern(cookie) }] : []),
  ];
  const queryParams = [
    ...(query ? exactly(query.name, query.value) : []),
    ...(region ? exactly('region', region) : []),
  ];
  return {
    ...(headers.length > 0 && { headers }),
    ...(queryParams.length > 0 && { queryParams }),
  };
}

/** A rule in the words of Alibaba Cloud's `service-match`; undefined where it takes more than one of them. */
export function serviceMatchOf(rule: Rule): string | undefined {
  if (unroutable(rule)) return undefined;
  const { header, query, cookie, region } = rule;
  const words = [
    ...(header ? [`header("${header.name}", "${header.value}")`] : []),
    ...(query ? [`query("${query.name}", "${query.value}")`] : []),
    ...(cookie ? [`cookie("${cookie.name}", "${cookie.value}")`] : []),
    ...(region ? [`query("region", "${region}")`] : []),
  ];
  return words.length === 1 && !hasQuotes(rule) ? words[0] : undefined;
}

/** They would end a word early, and the annotation's line. */
function hasQuotes({ header, query, cookie }: Rule): boolean {
  return [header, query, cookie].some((one) => one !== undefined && /["\\\n\r]/.test(one.name + one.value));
}

function cookiePattern({ name, value }: { name: string; value: string }): string {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `^(.*; *)?${literal(name)}=${literal(value)}(;.*)?$`;
}
