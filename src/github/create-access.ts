import type { GitHub } from "../jobs/ports.ts";
import { AccessLostFault } from "../model/index.ts";
import type { Access } from "../web/ports.ts";

/**
 * Who may read a repository, by the role GitHub gives them now; everybody may read a public one. What cannot be told
 * because the App has lost the repository is a no; a GitHub that does not answer rejects, and is no yes.
 */
export function createAccess(gitHub: Pick<GitHub, "repository">): Access {
  return {
    canRead: async (actor, repository) => {
      try {
        return (await gitHub.repository(repository).readRole(actor)) !== "none";
      } catch (fault) {
        if (fault instanceof AccessLostFault) return false;
        throw fault;
      }
    },
  };
}
