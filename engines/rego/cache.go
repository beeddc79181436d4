package main

import (
	"context"

	"github.com/open-policy-agent/opa/v1/topdown/cache"
)

// Patterns that a set keeps compiled: OPA's own bound of 100 for all sets would compile most of them anew each time.
const mostPatterns = 1000

func newPatternCache() cache.InterQueryValueCache {
	most := mostPatterns
	return cache.NewInterQueryValueCache(context.Background(), &cache.Config{
		InterQueryBuiltinValueCache: cache.InterQueryBuiltinValueCacheConfig{MaxNumEntries: &most},
	})
}
