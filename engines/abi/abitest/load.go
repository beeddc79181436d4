package abitest

import (
	"io/fs"
	"os"
	"testing"
)

// Load reads a directory of this machine into a Repository.
func Load(t *testing.T, directory string) Repository {
	t.Helper()
	repository := Repository{}
	files := os.DirFS(directory)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		repository[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return repository
}
