import type { PolicyEngine } from "../pipeline/policy-ports.ts";
import { createAdmissionEngine } from "./admission-engine.ts";
import { compileEngines } from "./engine-modules.ts";
import { createPodSecurityEngine } from "./pod-security-engine.ts";
import { createRegoEngine } from "./rego-engine.ts";

/** All that judges by policies. Nothing is compiled and no thread started before something is asked; close it. */
export function createPolicyEngine(directory: string): PolicyEngine {
  const modules = compileEngines(directory, []);
  const rego = createRegoEngine({ module: () => modules.get("rego") });
  const admission = createAdmissionEngine({ module: () => modules.get("admission") });
  const podSecurity = createPodSecurityEngine({ module: () => modules.get("podsecurity") });
  return {
    ...rego,
    ...admission,
    ...podSecurity,
    close: async () => {
      await Promise.all([rego.close(), admission.close(), podSecurity.close()]);
    },
  };
}
