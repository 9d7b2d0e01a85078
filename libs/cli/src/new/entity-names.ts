/** The names in the files of an entity's kind. */
export interface EntityNames {
  /** The server type: `dice` */
  type: string;
  /** As the contract names it: `table` */
  name: string;
  /** `table` */
  camel: string;
  /** `Table` */
  pascal: string;
  /** `table` */
  file: string;
}
