/** The machine's clock, ahead by as many milliseconds as a test lets pass. */
export interface MovedClock {
  readonly now: () => number;
  readonly pass: (milliseconds: number) => void;
  readonly ahead: () => number;
}

export function createMovedClock(): MovedClock {
  let ahead = 0;
  return { now: () => Date.now() + ahead, pass: (milliseconds) => void (ahead += milliseconds), ahead: () => ahead };
}
