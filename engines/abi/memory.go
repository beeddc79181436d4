package abi

import "runtime/debug"

// An instance collects late: its heap holds some 20 MB that never change (Kubernetes' OpenAPI, parsed) and would be
// scanned after every 20 MB more, which took a tenth of the time of small renders. Near the limit it collects early
// instead, so that large inputs still fit into the smallest maximum that build-engines.ts declares.
const (
	collectAtPercent = 200
	collectHardAt    = 256 << 20
)

func init() {
	debug.SetGCPercent(collectAtPercent)
	debug.SetMemoryLimit(collectHardAt)
}
