export { listSourceFiles, locateFinding, locateFindings } from "./locate-finding.ts";
