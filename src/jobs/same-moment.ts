/** GitHub tells the moment of a merge in whole seconds, and two clocks are never one. Milliseconds. */
export const SAME_MOMENT = 2_000;
