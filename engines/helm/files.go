package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"drydock.dev/engines/abi"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	"helm.sh/helm/v4/pkg/ignore"
)

// What one app's charts may hold, unpacked and all together. Helm alone allows 100 MiB for each archive, which a nest
// of archives multiplies; the largest public charts hold about 10 MiB.
const (
	maxChartBytes = 64 << 20
	maxChartFiles = 20_000
)

type budget struct{ bytes, files int64 }

func newBudget() *budget { return &budget{bytes: maxChartBytes, files: maxChartFiles} }

func (b *budget) spend(size int64, place string) *abi.Failure {
	b.bytes -= size
	b.files--
	if b.bytes >= 0 && b.files >= 0 {
		return nil
	}
	return &abi.Failure{
		Kind:    abi.Limit,
		File:    place,
		Message: fmt.Sprintf("The chart and its dependencies hold more than %d MiB or %d files.", maxChartBytes>>20, maxChartFiles),
	}
}

// readDirectory reads the files of a chart directory that its .helmignore does not name, in the order of their names.
func (s *chartSet) readDirectory(directory string) ([]*archive.BufferedFile, error) {
	rules, err := s.readIgnoreRules(directory)
	if err != nil {
		return nil, err
	}
	walk := &directoryWalk{chartSet: s, root: directory, rules: rules}
	if err := walk.visit(""); err != nil {
		return nil, err
	}
	return walk.files, nil
}

func (s *chartSet) readIgnoreRules(directory string) (*ignore.Rules, error) {
	file := path.Join(directory, ignore.HelmIgnore)
	node, err := s.tree.Lookup(file)
	if err != nil {
		return nil, err
	}
	rules := ignore.Empty()
	if node.Kind == abi.File {
		if rules, err = ignore.Parse(bytes.NewReader(node.Data)); err != nil {
			return nil, failf(file, "Helm does not understand this file: %s.", err)
		}
	}
	rules.AddDefaults()
	return rules, nil
}

type directoryWalk struct {
	*chartSet
	root  string
	rules *ignore.Rules
	files []*archive.BufferedFile
}

func (w *directoryWalk) visit(below string) error {
	node, err := w.tree.Lookup(path.Join(w.root, below))
	if err != nil {
		return err
	}
	names := make([]string, len(node.Entries))
	for i, entry := range node.Entries {
		names[i] = entry.Name
	}
	slices.Sort(names)
	for _, name := range names {
		if err := w.visitEntry(path.Join(below, name), kindOf(node.Entries, name)); err != nil {
			return err
		}
	}
	return nil
}

func kindOf(entries []abi.DirEntry, name string) string {
	for _, entry := range entries {
		if entry.Name == name {
			return entry.Kind
		}
	}
	return ""
}

// visitEntry looks a path up only when the rules leave it in, so that an ignored submodule or a broken link does no
// harm. Only a link's target says whether the link stands for a directory.
func (w *directoryWalk) visitEntry(name, kind string) error {
	if kind != "symlink" && w.rules.Ignore(name, fileInfo{name: name, isDir: kind != "file"}) {
		return nil
	}
	node, err := w.tree.Lookup(path.Join(w.root, name))
	if err != nil {
		return err
	}
	isDir := node.Kind == abi.Directory
	if w.rules.Ignore(name, fileInfo{name: name, isDir: isDir}) {
		return nil
	}
	if isDir {
		return w.visit(name)
	}
	if failure := w.budget.spend(int64(len(node.Data)), w.root); failure != nil {
		return failure
	}
	w.files = append(w.files, &archive.BufferedFile{Name: name, Data: withoutBOM(node.Data)})
	return nil
}

// unpack reads a chart archive after measuring it, because Helm's error for one that is too large has no type.
func (s *chartSet) unpack(data []byte, place string) ([]*archive.BufferedFile, error) {
	if err := s.measure(data, place); err != nil {
		if abi.AsFailure(err) != nil {
			return nil, err
		}
		return nil, failf(place, "This is not a chart archive: %s.", err)
	}
	files, err := archive.LoadArchiveFiles(bytes.NewReader(data))
	if err != nil {
		return nil, failf(place, "This chart archive cannot be read: %s.", err)
	}
	return files, nil
}

func (s *chartSet) measure(data []byte, place string) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	entries := tar.NewReader(unzipped)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		size, err := io.Copy(io.Discard, io.LimitReader(entries, s.budget.bytes+1))
		if err != nil {
			return fmt.Errorf("%s: %w", strings.ToValidUTF8(header.Name, "?"), err)
		}
		if failure := s.budget.spend(size, place); failure != nil {
			return failure
		}
	}
}

// fileInfo is as much of a file's description as ignore rules ask for.
type fileInfo struct {
	name  string
	isDir bool
}

func (f fileInfo) Name() string       { return path.Base(f.name) }
func (f fileInfo) IsDir() bool        { return f.isDir }
func (f fileInfo) Size() int64        { return 0 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) Sys() any           { return nil }
func (f fileInfo) Mode() fs.FileMode {
	if f.isDir {
		return fs.ModeDir
	}
	return 0
}
