// Package credentials finds known formats of credentials, and texts that look like secrets, in values. The formats,
// their keywords, the entropy they need and what is allowed all the same are those of gitleaks.
package credentials

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"
)

// rule is one format. What tells quickly that a text cannot hold it is worked out beforehand; its expression is
// compiled when a text may.
type rule struct {
	id   string
	noun string
	// weights tells for each group of the expression how many letters and digits every match of it has in common: a
	// format of its own has some, "32 hexadecimal digits behind a name" has none.
	weights   []int
	shape     shape
	minLength int
	entropy   float64
	group     int
	isGeneric bool
	allowed   []*allowlist
	// keywords are numbers of the automaton's words.
	keywords []int
	find     func() *regexp.Regexp
}

type allowlist struct {
	isAnd     bool
	target    string
	regexes   []func() *regexp.Regexp
	stopwords func() *automaton
	// needsPath is set where a file's path or a commit has to match too, which values do not have.
	needsPath bool
}

type rules struct {
	all []*rule
	// byKeyword holds indexes into all, in the order in which the automaton counts keywords.
	byKeyword [][]int
	keywords  *automaton
	always    []int
	allowed   []*allowlist
}

type tomlAllowlist struct {
	Condition   string
	Commits     []string
	Paths       []string
	RegexTarget string
	Regexes     []string
	StopWords   []string
}

type tomlConfig struct {
	Allowlist tomlAllowlist
	Rules     []struct {
		ID          string
		Description string
		Path        string
		Regex       string
		SecretGroup int
		Entropy     float64
		Keywords    []string
		Allowlists  []tomlAllowlist
	}
}

// known reads the formats once. It takes some milliseconds, so it is done before a program's state is kept.
var known = sync.OnceValue(func() *rules {
	loaded, err := load(config.DefaultConfig)
	if err != nil {
		panic(err)
	}
	return loaded
})

// Warm reads the formats, so that the first text need not wait for it.
func Warm() { known() }

func load(text string) (*rules, error) {
	var decoded tomlConfig
	if err := toml.Unmarshal([]byte(text), &decoded); err != nil {
		return nil, fmt.Errorf("the formats of credentials cannot be read: %w", err)
	}
	loaded := &rules{allowed: []*allowlist{newAllowlist(decoded.Allowlist)}}
	numbers := map[string]int{}
	var words []string
	for _, said := range decoded.Rules {
		// A rule with a path is for files of other tools.
		if said.Regex == "" || said.Path != "" || ignored[said.ID] {
			continue
		}
		parsed, err := syntax.Parse(said.Regex, syntax.Perl)
		if err != nil {
			return nil, fmt.Errorf("the format %s cannot be read: %w", said.ID, err)
		}
		rule := &rule{
			id: said.ID, noun: nounOf(said.ID, said.Description), weights: weighGroups(parsed), shape: shapeOf(parsed),
			minLength: minLength(parsed), entropy: said.Entropy, group: said.SecretGroup,
			isGeneric: strings.Contains(said.ID, "generic"), find: lazily(said.Regex),
		}
		for _, list := range said.Allowlists {
			rule.allowed = append(rule.allowed, newAllowlist(list))
		}
		index := len(loaded.all)
		loaded.all = append(loaded.all, rule)
		if len(said.Keywords) == 0 {
			loaded.always = append(loaded.always, index)
		}
		for _, keyword := range said.Keywords {
			keyword = strings.ToLower(keyword)
			number, isKnown := numbers[keyword]
			if !isKnown {
				number = len(words)
				numbers[keyword] = number
				words = append(words, keyword)
				loaded.byKeyword = append(loaded.byKeyword, nil)
			}
			loaded.byKeyword[number] = append(loaded.byKeyword[number], index)
			rule.keywords = append(rule.keywords, number)
		}
	}
	if len(loaded.all) > maxRules {
		return nil, fmt.Errorf("there are more than %d formats of credentials", maxRules)
	}
	loaded.keywords = newAutomaton(words)
	return loaded, nil
}

func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func newAllowlist(list tomlAllowlist) *allowlist {
	made := &allowlist{target: list.RegexTarget}
	made.isAnd = strings.EqualFold(list.Condition, "AND") || list.Condition == "&&"
	made.needsPath = made.isAnd && len(list.Paths)+len(list.Commits) > 0
	for _, expression := range list.Regexes {
		made.regexes = append(made.regexes, lazily(expression))
	}
	if len(list.StopWords) > 0 {
		words := make([]string, len(list.StopWords))
		for i, word := range list.StopWords {
			words[i] = strings.ToLower(word)
		}
		made.stopwords = sync.OnceValue(func() *automaton { return newAutomaton(words) })
	}
	return made
}

// allows tells whether gitleaks lets a match pass.
func (a *allowlist) allows(secret, match, line string) bool {
	if a.needsPath {
		return false
	}
	target := secret
	switch a.target {
	case "match":
		target = match
	case "line":
		target = line
	}
	isExpected := false
	for _, expression := range a.regexes {
		if expression().MatchString(target) {
			isExpected = true
			break
		}
	}
	hasWord := a.stopwords != nil && a.stopwords().hasAny(secret)
	if a.isAnd {
		return (len(a.regexes) == 0 || isExpected) && (a.stopwords == nil || hasWord)
	}
	return isExpected || hasWord
}
