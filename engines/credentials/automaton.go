package credentials

// automaton finds many words in one pass over a text (Aho and Corasick, "Efficient String Matching", 1975). Words are
// in lower case; letters of the text count as such.
type automaton struct {
	// classes maps a byte to its column; bytes that no word has share column 0.
	classes [256]uint8
	width   int
	// next is a table of states by columns.
	next []uint16
	// ends[state] is where the words that end there begin in words, ends[state+1] where they end.
	ends  []uint32
	words []uint16
}

type trieNode struct {
	children map[uint8]int
	words    []uint16
	fallback int
}

func newAutomaton(words []string) *automaton {
	made := &automaton{width: 1}
	for _, word := range words {
		for i := range len(word) {
			if made.classes[word[i]] == 0 {
				made.classes[word[i]] = uint8(made.width)
				made.width++
			}
		}
	}
	nodes := buildTrie(words, &made.classes)
	for letter := byte('A'); letter <= 'Z'; letter++ {
		made.classes[letter] = made.classes[letter+'a'-'A']
	}
	made.fill(nodes)
	return made
}

func buildTrie(words []string, classes *[256]uint8) []*trieNode {
	nodes := []*trieNode{{children: map[uint8]int{}}}
	for number, word := range words {
		state := 0
		for i := range len(word) {
			class := classes[word[i]]
			child, isKnown := nodes[state].children[class]
			if !isKnown {
				child = len(nodes)
				nodes = append(nodes, &trieNode{children: map[uint8]int{}})
				nodes[state].children[class] = child
			}
			state = child
		}
		nodes[state].words = append(nodes[state].words, uint16(number))
	}
	return nodes
}

// fill works out where each state goes, breadth first, so that a state's fallback is complete before it is used.
func (a *automaton) fill(nodes []*trieNode) {
	a.next = make([]uint16, len(nodes)*a.width)
	queue := []int{0}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		node := nodes[state]
		if state != 0 {
			node.words = append(node.words, nodes[node.fallback].words...)
		}
		for class := range a.width {
			target := 0
			if state != 0 {
				target = int(a.next[node.fallback*a.width+class])
			}
			if child, hasChild := node.children[uint8(class)]; hasChild {
				nodes[child].fallback = target
				queue = append(queue, child)
				target = child
			}
			a.next[state*a.width+class] = uint16(target)
		}
	}
	a.ends = make([]uint32, len(nodes)+1)
	for state, node := range nodes {
		a.words = append(a.words, node.words...)
		a.ends[state+1] = uint32(len(a.words))
	}
}

// each tells of every word and where it ends.
func (a *automaton) each(text string, found func(word, end int)) {
	state := 0
	for i := range len(text) {
		state = int(a.next[state*a.width+int(a.classes[text[i]])])
		for at := a.ends[state]; at < a.ends[state+1]; at++ {
			found(int(a.words[at]), i+1)
		}
	}
}

func (a *automaton) hasAny(text string) bool {
	state := 0
	for i := range len(text) {
		state = int(a.next[state*a.width+int(a.classes[text[i]])])
		if a.ends[state] != a.ends[state+1] {
			return true
		}
	}
	return false
}
