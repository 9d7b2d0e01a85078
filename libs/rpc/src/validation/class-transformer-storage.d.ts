// The marks of `@Type`, `@Transform`, `@Expose` and `@Exclude`; class-transformer types them, but not under this path.
declare module 'class-transformer/cjs/storage.js' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage.js';
}
