import type { ReportProgress } from "./doors.ts";
import type { Terminal } from "./terminal.ts";

/** Redraws at most this often. Milliseconds. */
const REDRAW_AFTER = 100;

/** One line on stderr that is redrawn while apps are rendered, and wiped at the end; silent where nobody watches. */
export function createProgress(terminal: Terminal): { readonly update: ReportProgress; readonly end: () => void } {
  if (!terminal.isProgressWanted) return { update: () => undefined, end: () => undefined };
  let drawnAt = 0;
  return {
    update(done, total) {
      const now = Date.now();
      if (total < 2 || now - drawnAt < REDRAW_AFTER) return;
      drawnAt = now;
      terminal.err(`\r\u001b[K${done} of ${total} apps rendered`);
    },
    end() {
      if (drawnAt > 0) terminal.err("\r\u001b[K");
    },
  };
}
