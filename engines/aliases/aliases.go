// Package aliases bounds what the aliases of a YAML document may stand for, before anything expands them.
package aliases

import (
	"bytes"
	"fmt"
	"regexp"

	"drydock.dev/engines/abi"
	yaml3 "go.yaml.in/yaml/v3"
)

// Limit is the number of values that the aliases of one document may expand to. yaml.v2 has a bound of its own, which
// lets four hundred thousand values pass; kustomize's reader has none.
const Limit = 100_000

var aliasText = regexp.MustCompile(`(?m)(^|[\s:,\[{-])\*[^\s,\[\]{}*]`)

// Check refuses a document whose aliases expand to more than limit values. What is no YAML passes.
func Check(document []byte, limit int) *abi.Failure {
	if bytes.IndexByte(document, '&') < 0 || bytes.IndexByte(document, '*') < 0 || !aliasText.Match(document) {
		return nil
	}
	var root yaml3.Node
	if err := yaml3.Unmarshal(document, &root); err != nil {
		return nil
	}
	counter := counter{sizes: map[*yaml3.Node]int{}, limit: limit}
	counter.count(&root)
	if counter.expanded > limit {
		return &abi.Failure{Kind: abi.Limit, Message: fmt.Sprintf("The aliases of this document expand to more than %d values.", limit)}
	}
	return nil
}

type counter struct {
	sizes    map[*yaml3.Node]int
	limit    int
	expanded int
}

// count gives the number of values below a node, aliases expanded, and stops growing above the limit.
func (c *counter) count(node *yaml3.Node) int {
	if size, isKnown := c.sizes[node]; isKnown {
		return size
	}
	c.sizes[node] = 0 // An anchor that contains itself; the reader refuses it later.
	size := 1
	if node.Kind == yaml3.AliasNode {
		size = c.count(node.Alias)
		c.expanded = min(c.expanded+size, c.limit+1)
	}
	for _, child := range node.Content {
		size = min(size+c.count(child), c.limit+1)
	}
	c.sizes[node] = size
	return size
}
