package abi

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
)

// Host answers lookups with the raw reply that the package comment describes. In WASM it is the embedding program, in
// tests a tree in memory.
type Host interface {
	Lookup(path string) []byte
}

// NodeKind tells apart what stands at a path of the repository.
type NodeKind int

// What a lookup can find.
const (
	Absent NodeKind = iota
	File
	Directory
)

// DirEntry is one name of a directory as git holds it: links are not followed.
type DirEntry struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Node is what stands at a path, links followed. Path is where it was found in the end.
type Node struct {
	Kind    NodeKind
	Path    string
	Data    []byte
	Entries []DirEntry
}

// maxLinkHops bounds how often the host may send the engine on. Linux follows 40 links.
const maxLinkHops = 40

// Tree is the repository as one call sees it. It remembers what it has looked up, and the first failure met on the way,
// because the engines' libraries turn errors of their file systems into text.
type Tree struct {
	host    Host
	nodes   map[string]Node
	failure *Failure
}

// NewTree makes the view of one call.
func NewTree(host Host) *Tree {
	return &Tree{host: host, nodes: map[string]Node{}}
}

// Failure is the first lookup that could not be answered, nil if there was none.
func (t *Tree) Failure() *Failure { return t.failure }

// Fail records a failure met in the middle of a library that would lose its type. The first one counts.
func (t *Tree) Fail(failure *Failure) *Failure {
	if t.failure == nil {
		t.failure = failure
	}
	return failure
}

// Files are the contents of all files that the call has read.
func (t *Tree) Files() [][]byte {
	var files [][]byte
	for _, node := range t.nodes {
		if node.Kind == File {
			files = append(files, node.Data)
		}
	}
	return files
}

// Lookup finds what stands at a path relative to the repository's root. An absent path is a Node, not an error; the
// error is always a *Failure, which Tree remembers.
func (t *Tree) Lookup(name string) (Node, error) {
	clean, failure := Clean(name)
	if failure != nil {
		return Node{}, t.Fail(failure)
	}
	if node, isKnown := t.nodes[clean]; isKnown {
		return node, nil
	}
	node, failure := t.ask(clean)
	if failure != nil {
		return Node{}, t.Fail(failure)
	}
	t.nodes[clean] = node
	return node, nil
}

func (t *Tree) ask(name string) (Node, *Failure) {
	asked := name
	for range maxLinkHops {
		reply := t.host.Lookup(asked)
		if len(reply) == 0 {
			return Node{}, &Failure{Kind: Engine, Message: "The host gave an empty reply.", File: asked}
		}
		kind, rest := reply[0], reply[1:]
		switch kind {
		case 'f':
			return Node{Kind: File, Path: asked, Data: rest}, nil
		case 'd':
			return readDirectory(asked, rest)
		case 'a':
			return Node{Kind: Absent, Path: asked}, nil
		case 'l':
			asked = string(rest)
		case 'e':
			return Node{}, readFailure(asked, rest)
		default:
			return Node{}, &Failure{Kind: Engine, Message: fmt.Sprintf("The host gave an unknown reply %q.", kind), File: asked}
		}
	}
	return Node{}, &Failure{Kind: OutsideRepository, Message: "The symbolic links on the way to this path go in a circle.", File: name}
}

func readDirectory(name string, list []byte) (Node, *Failure) {
	var entries []DirEntry
	if err := json.Unmarshal(list, &entries); err != nil {
		return Node{}, &Failure{Kind: Engine, Message: "The host gave a directory that cannot be read: " + err.Error(), File: name}
	}
	return Node{Kind: Directory, Path: name, Entries: entries}, nil
}

func readFailure(name string, text []byte) *Failure {
	failure := &Failure{}
	if err := json.Unmarshal(text, failure); err != nil || failure.Kind == "" {
		return &Failure{Kind: Engine, Message: "The host gave a failure that cannot be read.", File: name}
	}
	if failure.File == "" {
		failure.File = name
	}
	return failure
}

// Clean gives the form in which the host knows a relative path. A path that climbs above the repository's root, and an
// absolute one, is a failure that the host never hears of.
func Clean(name string) (string, *Failure) {
	if strings.HasPrefix(name, "/") {
		return "", &Failure{Kind: OutsideRepository, Message: fmt.Sprintf("%q is an absolute path, which leads out of the repository.", name)}
	}
	clean := path.Clean(name)
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", &Failure{Kind: OutsideRepository, Message: fmt.Sprintf("%q leads out of the repository.", name)}
	}
	if clean == "." {
		return "", nil
	}
	return clean, nil
}

// AsFailure finds the Failure that an error carries, nil if it carries none.
func AsFailure(err error) *Failure {
	failure, _ := errors.AsType[*Failure](err)
	return failure
}
