package main

import (
	"cmp"
	"fmt"
	"slices"
)

// sortAnswers orders answers by field and words: the API server goes through maps in any order.
func sortAnswers(answers []answer) {
	slices.SortStableFunc(answers, func(a, b answer) int {
		return cmp.Or(
			cmp.Compare(fmt.Sprintf("%q", a.Path), fmt.Sprintf("%q", b.Path)),
			cmp.Compare(a.Effect, b.Effect),
			cmp.Compare(a.Message, b.Message),
		)
	})
}
