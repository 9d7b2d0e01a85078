/** Where the marks of an entity stand in the stream of its server type. @param key `>` of all of them */
export const hangSubject = (serverType: string, key: string): string => `entity.${serverType}.hung.${key}`;
