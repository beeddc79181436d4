/** Where the CLI speaks. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stderr is a terminal, so that a progress line can be redrawn. */
  readonly isProgressWanted: boolean;
  /** Whether somebody sits in front of stdout. */
  readonly isInteractive: boolean;
  readonly isColorWanted: boolean;
  /** Columns of stdout, 80 when it is not a terminal. */
  readonly width: number;
}
