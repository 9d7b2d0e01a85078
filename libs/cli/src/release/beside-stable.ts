import { type TableChange, TableError } from '@ccgame/releases';

/** A change that was looked at beside one stable version. @throws TableError in the change when another one is stable by then */
export function besideStable(stable: string, change: TableChange): TableChange {
  return (now) => {
    if (now.stable !== stable)
      throw new TableError([`${now.stable} was made stable meanwhile; look at it and try again.`]);
    return change(now);
  };
}
