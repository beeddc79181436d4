package aliases

import (
	"testing"

	"drydock.dev/engines/abi"
)

func TestCheckCountsWhatAliasesStandFor(t *testing.T) {
	shared := "a: &a [1, 2, 3]\nb: [*a, *a]\n"
	for _, test := range []struct {
		name, document string
		limit          int
		isRefused      bool
	}{
		{"few values", shared, 8, false},
		{"too many", shared, 7, true},
		{"no alias, whatever the text says", "a: 'x & *y'\n", 0, false},
		{"an anchor that contains itself", "a: &a [*a]\n", 100, false},
		{"no YAML", "a: [*b", 0, false},
	} {
		failure := Check([]byte(test.document), test.limit)
		if (failure != nil) != test.isRefused {
			t.Errorf("%s: %v", test.name, failure)
		}
		if failure != nil && failure.Kind != abi.Limit {
			t.Errorf("%s: kind %s", test.name, failure.Kind)
		}
	}
}
