// Package abitest gives engines a repository in memory and a way to call them as the host does.
package abitest

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"drydock.dev/engines/abi"
)

// Repository maps paths to file contents. Contents that start with one of the markers below stand for something else.
type Repository map[string]string

const linkMarker, failureMarker = "\x00link:", "\x00failure:"

// Link is the content of a symbolic link to a path relative to the repository's root.
func Link(target string) string { return linkMarker + target }

// Failure is the content of a path that the host refuses to read.
func Failure(kind abi.FailureKind, message string) string {
	text, _ := json.Marshal(abi.Failure{Kind: kind, Message: message})
	return failureMarker + string(text)
}

// Lookup answers as the host does.
func (r Repository) Lookup(name string) []byte {
	if resolved := r.resolve(name); resolved != name {
		return []byte("l" + resolved)
	}
	if content, isFile := r[name]; isFile {
		if failure, isFailure := strings.CutPrefix(content, failureMarker); isFailure {
			return []byte("e" + failure)
		}
		return []byte("f" + content)
	}
	entries := r.list(name)
	if len(entries) == 0 && name != "" {
		return []byte("a")
	}
	list, _ := json.Marshal(entries)
	return append([]byte("d"), list...)
}

// resolve follows one link on the way to name.
func (r Repository) resolve(name string) string {
	steps := strings.Split(name, "/")
	for i := range steps {
		target, isLink := strings.CutPrefix(r[strings.Join(steps[:i+1], "/")], linkMarker)
		if isLink {
			return path.Join(append([]string{target}, steps[i+1:]...)...)
		}
	}
	return name
}

func (r Repository) list(directory string) []abi.DirEntry {
	prefix := ""
	if directory != "" {
		prefix = directory + "/"
	}
	kinds := map[string]string{}
	for name, content := range r {
		rest, isBelow := strings.CutPrefix(name, prefix)
		if !isBelow {
			continue
		}
		first, _, hasMore := strings.Cut(rest, "/")
		switch {
		case hasMore:
			kinds[first] = "directory"
		case strings.HasPrefix(content, linkMarker):
			kinds[first] = "symlink"
		default:
			kinds[first] = "file"
		}
	}
	entries := []abi.DirEntry{}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		entries = append(entries, abi.DirEntry{Name: name, Kind: kinds[name]})
	}
	return entries
}

// Response is what a call gives.
type Response struct {
	Ok    json.RawMessage `json:"ok"`
	Error *abi.Failure    `json:"error"`
}

// Call sends one request through the same road as the host's. It panics when the request or the response is not JSON.
func Call(repository Repository, request any) Response {
	text, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	var response Response
	if err := json.Unmarshal(abi.Answer(text, repository), &response); err != nil {
		panic(err)
	}
	return response
}
