package credentials

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// shape is something that every match of an expression has: so many characters of one set in a row. Looking for it is
// a hundred times faster than the expression.
type shape struct {
	length int
	set    *[256]bool
}

// isIn tells whether a text may match.
func (s shape) isIn(text string) bool {
	if s.length == 0 {
		return true
	}
	run := 0
	for i := range len(text) {
		if !s.set[text[i]] {
			run = 0
			continue
		}
		run++
		if run == s.length {
			return true
		}
	}
	return false
}

func shapeOf(expression *syntax.Regexp) shape {
	switch expression.Op {
	case syntax.OpCapture:
		return shapeOf(expression.Sub[0])
	case syntax.OpConcat:
		var best shape
		for _, part := range expression.Sub {
			if found := shapeOf(part); found.length > best.length {
				best = found
			}
		}
		return best
	case syntax.OpAlternate:
		return shapeOfAny(expression.Sub)
	case syntax.OpPlus:
		return shapeOf(expression.Sub[0])
	case syntax.OpRepeat:
		if expression.Min == 0 {
			return shape{}
		}
		inner := shapeOf(expression.Sub[0])
		if isOneCharacter(expression.Sub[0]) {
			inner.length = expression.Min
		}
		return inner
	case syntax.OpCharClass:
		return shape{length: 1, set: setOf(expression.Rune)}
	}
	return shape{}
}

func shapeOfAny(choices []*syntax.Regexp) shape {
	least := shape{set: new([256]bool)}
	for i, choice := range choices {
		found := shapeOf(choice)
		if found.length == 0 {
			return shape{}
		}
		if i == 0 || found.length < least.length {
			least.length = found.length
		}
		for character, isIn := range found.set {
			least.set[character] = least.set[character] || isIn
		}
	}
	return least
}

func isOneCharacter(expression *syntax.Regexp) bool {
	return expression.Op == syntax.OpCharClass
}

// setOf gives the bytes of a class, which is a list of ranges. All bytes of all characters beyond ASCII count when the
// class has one of these: a character takes at least one byte, so a run of bytes is no shorter.
func setOf(ranges []rune) *[256]bool {
	set := new([256]bool)
	for i := 0; i+1 < len(ranges); i += 2 {
		for character := ranges[i]; character <= min(ranges[i+1], utf8.RuneSelf-1); character++ {
			set[character] = true
		}
		if ranges[i+1] >= utf8.RuneSelf {
			for character := utf8.RuneSelf; character < len(set); character++ {
				set[character] = true
			}
		}
	}
	return set
}

// minLength is the least number of characters, and so of bytes, of a match.
func minLength(expression *syntax.Regexp) int {
	return addUp(expression, func(leaf *syntax.Regexp) int {
		switch leaf.Op {
		case syntax.OpLiteral:
			return len(leaf.Rune)
		case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
			return 1
		}
		return 0
	})
}

// weigh counts the letters and digits that every match has in the same place.
func weigh(expression *syntax.Regexp) int {
	return addUp(expression, func(leaf *syntax.Regexp) int {
		switch leaf.Op {
		case syntax.OpLiteral:
			count := 0
			for _, character := range leaf.Rune {
				if unicode.IsLetter(character) || unicode.IsDigit(character) {
					count++
				}
			}
			return count
		case syntax.OpCharClass:
			return weighClass(leaf.Rune)
		}
		return 0
	})
}

// addUp measures what every match has at least, given what each part without further parts has.
func addUp(expression *syntax.Regexp, measure func(leaf *syntax.Regexp) int) int {
	switch expression.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return addUp(expression.Sub[0], measure)
	case syntax.OpRepeat:
		return expression.Min * addUp(expression.Sub[0], measure)
	case syntax.OpConcat:
		sum := 0
		for _, part := range expression.Sub {
			sum += addUp(part, measure)
		}
		return sum
	case syntax.OpAlternate:
		least := addUp(expression.Sub[0], measure)
		for _, choice := range expression.Sub[1:] {
			least = min(least, addUp(choice, measure))
		}
		return least
	case syntax.OpStar, syntax.OpQuest:
		return 0
	}
	return measure(expression)
}

// weighClass counts a choice of a few characters, such as those of ghu_ and ghs_, as one of them.
func weighClass(ranges []rune) int {
	size := 0
	for i := 0; i+1 < len(ranges); i += 2 {
		size += int(ranges[i+1]-ranges[i]) + 1
	}
	if size <= 4 {
		return 1
	}
	return 0
}

// weighGroups weighs the whole expression (group 0) and each of its groups.
func weighGroups(expression *syntax.Regexp) []int {
	weights := make([]int, expression.MaxCap()+1)
	weights[0] = weigh(expression)
	var visit func(part *syntax.Regexp)
	visit = func(part *syntax.Regexp) {
		if part.Op == syntax.OpCapture {
			weights[part.Cap] = weigh(part)
		}
		for _, inner := range part.Sub {
			visit(inner)
		}
	}
	visit(expression)
	return weights
}
