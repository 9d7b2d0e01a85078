/** The cookies of a `Cookie` header by name: a value may have any sign but `;`, as base64 has `=` (RFC 6265, section 4.2.1). */
export function parseCookies(header = ''): Record<string, string | undefined> {
  const pairs = header.split(/; */).map((pair): [string, string | undefined] => {
    const end = pair.indexOf('=');
    return end < 0 ? [pair, undefined] : [pair.slice(0, end), pair.slice(end + 1)];
  });
  return Object.fromEntries(pairs);
}
