package credentials

import (
	"cmp"
	"encoding/base64"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Match is something found in a text. It holds no part of the text.
type Match struct {
	// IsKnown tells a credential of a known format from a text that only looks like a secret.
	IsKnown bool
	// Noun names the format with its article: "a GitHub personal access token".
	Noun string
	// Start and End are where the secret stands in the text.
	Start, End int
}

const (
	// A keyword stands within its credential, or at most this far before or behind it, in bytes.
	before = 256
	behind = 8192
	// Longer texts are looked at around keywords alone.
	whole = 2048
	// shortest is a length that no credential is below.
	shortest = 10
	// minWeight letters and digits in common make a format that nothing else has by chance.
	minWeight = 3
	// maxRules bounds how many formats there can be.
	maxRules = 512
	// maxMatches bounds what is told of one text.
	maxMatches = 50
)

// IsTooShort is true for values that need not be scanned.
func IsTooShort(value string) bool { return len(value) < shortest }

// Scan looks through a text: lines such as "name: value", where the name is what tells the meaning of a value that has
// no format of its own. isGeneric asks also for texts that only look like secrets because of their name. Matches do not
// overlap; known formats go first. The time is linear in the text.
func Scan(text string, isGeneric bool) []Match {
	if IsTooShort(text) {
		return nil
	}
	formats := known()
	asked := formats.ask(text, isGeneric)
	if asked.isEmpty() {
		return nil
	}
	var matches []candidate
	for index, rule := range formats.all {
		if !asked.has(index) {
			continue
		}
		for _, part := range formats.windows(text, index) {
			window := text[part[0]:part[1]]
			if rule.shape.isIn(window) {
				matches = append(matches, rule.matches(text, part, formats.allowed)...)
			}
		}
	}
	return settle(matches)
}

// ruleSet holds indexes of rules.
type ruleSet [maxRules / 64]uint64

func (s *ruleSet) add(index int)      { s[index/64] |= 1 << (index % 64) }
func (s *ruleSet) has(index int) bool { return s[index/64]&(1<<(index%64)) != 0 }
func (s *ruleSet) isEmpty() bool      { return *s == ruleSet{} }

// ask gives the rules one of whose keywords stands in a text that is long enough for them.
func (r *rules) ask(text string, isGeneric bool) ruleSet {
	var asked ruleSet
	for _, index := range r.always {
		asked.add(index)
	}
	words := r.keywords
	state := 0
	for i := range len(text) {
		state = int(words.next[state*words.width+int(words.classes[text[i]])])
		for at := words.ends[state]; at < words.ends[state+1]; at++ {
			for _, index := range r.byKeyword[words.words[at]] {
				if rule := r.all[index]; len(text) >= rule.minLength && (isGeneric || !rule.isGeneric) {
					asked.add(index)
				}
			}
		}
	}
	return asked
}

type candidate struct {
	Match
	order string
}

// windows cuts what lies around the keywords of a rule out of a long text. What only a name makes a secret stands on the
// name's line.
func (r *rules) windows(text string, index int) [][2]int {
	rule := r.all[index]
	if len(text) <= whole && !rule.isGeneric || len(rule.keywords) == 0 {
		return [][2]int{{0, len(text)}}
	}
	var parts [][2]int
	r.keywords.each(text, func(word, end int) {
		if !slices.Contains(rule.keywords, word) {
			return
		}
		last := len(parts) - 1
		if rule.isGeneric && (last >= 0 && end <= parts[last][1] || !mayAssign(text, end, rule.entropy)) {
			return
		}
		from, to := max(0, end-before), min(len(text), end+behind)
		if rule.isGeneric {
			from, to = lineAround(text, max(0, end-1), before)
		}
		if last >= 0 && from <= parts[last][1] {
			parts[last][1] = max(parts[last][1], to)
		} else {
			parts = append(parts, [2]int{from, to})
		}
	})
	return parts
}

// lineAround gives the line that holds a place, at most so many bytes to either side.
func lineAround(text string, at, most int) (from, to int) {
	from, to = max(0, at-most), min(len(text), at+most)
	if newline := strings.LastIndexByte(text[from:at], '\n'); newline >= 0 {
		from += newline + 1
	}
	if newline := strings.IndexByte(text[at:to], '\n'); newline >= 0 {
		to = at + newline
	}
	return from, to
}

func (r *rule) matches(text string, part [2]int, allowed []*allowlist) []candidate {
	var found []candidate
	window := text[part[0]:part[1]]
	for _, groups := range r.find().FindAllStringSubmatchIndex(window, maxMatches) {
		group := secretGroup(groups, r.group)
		from, to := groups[2*group], groups[2*group+1]
		secret, match := window[from:to], strings.Trim(window[groups[0]:groups[1]], "\n")
		if (r.entropy != 0 && entropyOf(secret) <= r.entropy) || IsPlaceholder(secret) || isExample(r.id, secret) {
			continue
		}
		lineFrom, lineTo := lineAround(window, groups[0], before)
		line := window[lineFrom:max(lineTo, min(groups[1], len(window)))]
		if slices.ContainsFunc(append(slices.Clip(allowed), r.allowed...), func(list *allowlist) bool {
			return list.allows(secret, match, line)
		}) {
			continue
		}
		isKnown := !loose[r.id] && (exact[r.id] || r.weights[group] >= minWeight)
		if isKnown && isInsideData(window, from, to) && r.id != "private-key" {
			continue
		}
		if !isKnown && isOrdinary(secret) {
			continue
		}
		found = append(found, candidate{Match{isKnown, r.noun, part[0] + from, part[0] + to}, r.id})
	}
	return found
}

// secretGroup is the group that holds the secret: the one that the rule names, else the first that matched.
func secretGroup(groups []int, named int) int {
	if named > 0 && 2*named+1 < len(groups) && groups[2*named] >= 0 {
		return named
	}
	for group := 1; 2*group+1 < len(groups); group++ {
		if groups[2*group] >= 0 && groups[2*group] < groups[2*group+1] {
			return group
		}
	}
	return 0
}

// settle tells each secret once: by a known format rather than by its name, by the longest match of several.
func settle(found []candidate) []Match {
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(compareBool(b.IsKnown, a.IsKnown), cmp.Compare(b.End-b.Start, a.End-a.Start),
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.order, b.order))
	})
	var told []Match
	for _, one := range found {
		isTold := slices.ContainsFunc(told, func(other Match) bool { return one.Start < other.End && other.Start < one.End })
		if !isTold && len(told) < maxMatches {
			told = append(told, one.Match)
		}
	}
	slices.SortFunc(told, func(a, b Match) int { return cmp.Compare(a.Start, b.Start) })
	return told
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// entropyOf is Shannon's entropy in bits a character.
func entropyOf(text string) float64 {
	counts := map[rune]int{}
	for _, character := range text {
		counts[character]++
	}
	entropy := 0.0
	for _, count := range counts {
		share := float64(count) / float64(len(text))
		entropy -= share * math.Log2(share)
	}
	return entropy
}

// mayAssign tells whether a generic secret may follow a keyword that ends at a place: at most a few words, a sign such
// as ":" or "=", and then a text of many different characters that are not letters alone. All that the generic rule
// matches is so, and its expression is slow.
func mayAssign(text string, end int, entropy float64) bool {
	at := end
	for at < len(text) && at < end+23 && classOf(text[at])&(inName|inGap) != 0 {
		at++
	}
	if at == len(text) || classOf(text[at])&inSign == 0 {
		return false
	}
	start := at
	for at < len(text) && at < start+9 && classOf(text[at])&(inSign|inGap) != 0 {
		at++
	}
	var seen [128]bool
	different, isMixed := 1, text[at-1] == '='
	for at < len(text) && classOf(text[at])&inSecret != 0 {
		character := text[at]
		if !seen[character] {
			seen[character] = true
			different++
		}
		isMixed = isMixed || '0' <= character && character <= '9' || character == '=' || character == '+'
		at++
	}
	isEnd := at == len(text) || classOf(text[at])&inGap != 0 || text[at] == ';' || text[at] == '\\'
	return isMixed && isEnd && math.Log2(float64(different)) > entropy
}

const (
	inName = 1 << iota
	inGap
	inSign
	inSecret
)

var classes = func() (table [256]uint8) {
	fill := func(characters string, class uint8) {
		for i := range len(characters) {
			table[characters[i]] |= class
		}
	}
	const words = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
	fill(words+".- \t", inName)
	fill(" \t\n\f\r'\"`", inGap)
	fill("=>:|?,", inSign)
	fill(words+".=+/-", inSecret)
	return table
}()

func classOf(character byte) uint8 { return classes[character] }

const dataRun = 24

// isInsideData is true for a match that begins in the middle of a long piece of base64, where any text comes up by
// chance.
func isInsideData(text string, from, to int) bool {
	if from < dataRun || !strings.ContainsRune("/+", rune(text[from-1])) {
		return false
	}
	return !strings.ContainsFunc(text[from-dataRun:from], func(character rune) bool { return !isBase64(character) })
}

func isBase64(character rune) bool {
	return 'a' <= character|0x20 && character|0x20 <= 'z' || '0' <= character && character <= '9' || character == '/' || character == '+'
}

var ordinary = regexp.MustCompile(`(?i)^(?:(?:md5|sha\d+)[:-])?(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9.]+[a-z]{0,3}|v?\d+\.\d+[\w.+-]*|[\w.-]+\.(?:com|net|org|io|dev|svc|local|internal|ya?ml|json|pem|crt|key|conf|sh|py))$|^(?:md5|sha\d+)[:-]`)

// isOrdinary is true for texts that have a meaning of their own: ids, digests that say so, versions, hosts and files.
func isOrdinary(secret string) bool { return ordinary.MatchString(secret) }

// isExample knows what documentation shows.
func isExample(id, secret string) bool {
	lower := strings.ToLower(secret)
	for _, word := range []string{"example", "1234567890", "0123456789", "abcdefghij", "changeme", "placeholder"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	for _, character := range "xX*.0" {
		if strings.Contains(secret, strings.Repeat(string(character), 8)) {
			return true
		}
	}
	return strings.HasPrefix(id, "jwt") && isExampleToken(secret)
}

// isExampleToken reads the claims of a JSON Web Token: those of jwt.io, and of Supabase's documentation.
func isExampleToken(secret string) bool {
	parts := strings.Split(secret, ".")
	if len(parts) < 2 {
		return false
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	return err == nil && (strings.Contains(string(claims), `"1234567890"`) || strings.Contains(string(claims), "supabase-demo"))
}
