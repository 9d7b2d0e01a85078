/** The token of `Authorization: Bearer <token>`; the scheme in any case (RFC 9110, section 11.1). Empty for another scheme. */
export function bearerOf(authorization: string | undefined): string {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
}
