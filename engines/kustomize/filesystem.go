package main

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"drydock.dev/engines/abi"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// mountPoint is where kustomize sees the repository. It is not "/", so that a path that climbs out of the repository
// stays visible as such after cleaning.
const mountPoint = "/repository"

// fileSystem shows the repository to kustomize, read-only. served replaces the content of files, by repository path;
// only tests need it.
type fileSystem struct {
	tree   *abi.Tree
	served map[string][]byte
}

var _ filesys.FileSystem = fileSystem{}

var errReadOnly = errors.New("the repository is read-only")

// toRepositoryPath is "" for the root. A path outside the mount point is remembered by the tree as a failure.
func (f fileSystem) toRepositoryPath(name string) (string, error) {
	clean := path.Clean(name)
	if clean == mountPoint {
		return "", nil
	}
	below, isBelow := strings.CutPrefix(clean, mountPoint+"/")
	if !isBelow {
		return "", f.tree.Fail(&abi.Failure{
			Kind:    abi.OutsideRepository,
			Message: "A path of this kustomization leads out of the repository.",
		})
	}
	return below, nil
}

func (f fileSystem) lookup(name string) (abi.Node, error) {
	below, err := f.toRepositoryPath(name)
	if err != nil {
		return abi.Node{}, err
	}
	return f.tree.Lookup(below)
}

func (f fileSystem) ReadFile(name string) ([]byte, error) {
	node, err := f.lookup(name)
	switch {
	case err != nil:
		return nil, err
	case node.Kind == abi.Absent:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case node.Kind == abi.Directory:
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("is a directory")}
	}
	if content, isServed := f.served[node.Path]; isServed {
		return content, nil
	}
	return node.Data, nil
}

func (f fileSystem) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	node, err := f.lookup(name)
	if err != nil {
		return "", "", err
	}
	resolved := path.Join(mountPoint, node.Path)
	switch node.Kind {
	case abi.Directory:
		return filesys.ConfirmedDir(resolved), "", nil
	case abi.File:
		return filesys.ConfirmedDir(path.Dir(resolved)), path.Base(resolved), nil
	default:
		return "", "", &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrNotExist}
	}
}

func (f fileSystem) ReadDir(name string) ([]string, error) {
	node, err := f.lookup(name)
	if err != nil {
		return nil, err
	}
	if node.Kind != abi.Directory {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	names := make([]string, len(node.Entries))
	for i, entry := range node.Entries {
		names[i] = entry.Name
	}
	return names, nil
}

func (f fileSystem) Exists(name string) bool {
	node, err := f.lookup(name)
	return err == nil && node.Kind != abi.Absent
}

func (f fileSystem) IsDir(name string) bool {
	node, err := f.lookup(name)
	return err == nil && node.Kind == abi.Directory
}

// A build neither opens, walks nor globs, and never writes.

func (fileSystem) Open(string) (filesys.File, error)    { return nil, errors.ErrUnsupported }
func (fileSystem) Walk(string, filepath.WalkFunc) error { return errors.ErrUnsupported }
func (fileSystem) Glob(string) ([]string, error)        { return nil, errors.ErrUnsupported }
func (fileSystem) Create(string) (filesys.File, error)  { return nil, errReadOnly }
func (fileSystem) Mkdir(string) error                   { return errReadOnly }
func (fileSystem) MkdirAll(string) error                { return errReadOnly }
func (fileSystem) RemoveAll(string) error               { return errReadOnly }
func (fileSystem) WriteFile(string, []byte) error       { return errReadOnly }
