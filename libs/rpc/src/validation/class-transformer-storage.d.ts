// What `@Type`, `@Transform`, `@Expose` and `@Exclude` leave behind; class-transformer types it, but not under this path.
declare module 'class-transformer/cjs/storage.js' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage.js';
}
