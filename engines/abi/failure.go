package abi

// FailureKind says why something could not be looked at. The words are those of src/model/finding.ts.
type FailureKind string

// The kinds that engines give.
const (
	Render            FailureKind = "render"
	SchemaCompile     FailureKind = "schema-compile"
	OutsideRepository FailureKind = "outside-repository"
	RemoteInput       FailureKind = "remote-input"
	MissingDependency FailureKind = "missing-dependency"
	Submodule         FailureKind = "submodule"
	LFS               FailureKind = "lfs"
	Plugin            FailureKind = "plugin"
	Limit             FailureKind = "limit"
	Engine            FailureKind = "engine"
)

// Failure is the end of a call that could not give a result. File is a path in the repository and Line counts from 1;
// both are left out where they are not known.
type Failure struct {
	Kind    FailureKind `json:"kind"`
	Message string      `json:"message"`
	File    string      `json:"file,omitempty"`
	Line    int         `json:"line,omitempty"`
}

func (f *Failure) Error() string { return f.Message }
