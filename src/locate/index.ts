export { locateChanges, type ChangeSources } from "./locate-changes.ts";
export { listSourceFiles, locateFinding, locateFindings } from "./locate-finding.ts";
