package main

import (
	"encoding/hex"
	"fmt"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/aliases"
)

// Request is one call of the operation "decode".
type Request struct {
	Resources []Source `json:"resources"`
	// MacKey is the key, in hexadecimal, under which secret values are sealed.
	MacKey string `json:"macKey"`
	// IsSource says that each text is a whole file as its author wrote it, so that lines in it mean something.
	IsSource bool   `json:"isSource"`
	Limits   Limits `json:"limits"`
	// IsSubstituted asks for the places that Flux substitutes.
	IsSubstituted bool `json:"isSubstituted"`
	// KnownValid are digests of documents in which nothing was found before.
	KnownValid []string `json:"knownValid"`
	// Values are files that shaped the texts, to be looked through for credentials as they stand.
	Values []Text `json:"values"`
	// Reveal asks for the unsealed text and for nothing else.
	Reveal bool `json:"reveal"`
}

// Source is a YAML text and where it came from.
type Source struct {
	YAML     string   `json:"yaml"`
	File     string   `json:"file"`
	Document *int     `json:"document"`
	ShapedBy []string `json:"shapedBy"`
	Hooks    []string `json:"hooks"`
}

// Response holds one document for each object, lists unrolled, in the order of the texts.
type Response struct {
	Documents []Document `json:"documents"`
	Findings  []Finding  `json:"findings"`
	// Needles are set for texts that were rendered. They do not leave the worker.
	Needles []Needles `json:"needles"`
}

// Needles are pieces of a secret by which its place in the files of the repository is found.
type Needles struct {
	// Finding is an index into the findings.
	Finding int      `json:"finding"`
	Texts   []string `json:"texts"`
}

// Document is one object as it leaves the worker, beside Raw, which does not.
type Document struct {
	Resource    ResourceID  `json:"resource"`
	JSON        string      `json:"json"`
	Sealed      [][2]string `json:"sealed"`
	Digest      string      `json:"digest"`
	Raw         string      `json:"raw"`
	Substituted []string    `json:"substituted"`
	IsSops      bool        `json:"isSops"`
	Origin      Origin      `json:"origin"`
	Hooks       []string    `json:"hooks"`
}

// Origin is where a document came from. Document is left out where it does not stand in File as written.
type Origin struct {
	File     string   `json:"file"`
	Document *int     `json:"document,omitempty"`
	ShapedBy []string `json:"shapedBy"`
}

// Finding is something wrong with a document that does not keep it from being read.
type Finding struct {
	Rule     string      `json:"rule"`
	Level    string      `json:"level"`
	Message  string      `json:"message"`
	Resource *ResourceID `json:"resource,omitempty"`
	Path     []any       `json:"path"`
	File     string      `json:"file,omitempty"`
	Line     int         `json:"line,omitempty"`
	Column   int         `json:"column,omitempty"`
}

// Limits bound what one call may produce. Zero means the default.
type Limits struct {
	Documents int `json:"documents"`
	Depth     int `json:"depth"`
	Bytes     int `json:"bytes"`
	Aliases   int `json:"aliases"`
}

func (l Limits) orDefaults() Limits {
	pick := func(value, fallback int) int {
		if value > 0 {
			return value
		}
		return fallback
	}
	return Limits{
		Documents: pick(l.Documents, 20_000),
		Depth:     pick(l.Depth, 500),
		Bytes:     pick(l.Bytes, 64<<20),
		Aliases:   pick(l.Aliases, aliases.Limit),
	}
}

// Decode reads every text. A text that is no YAML, or exceeds a limit, ends the call as an *abi.Failure.
func Decode(request Request) (*Response, error) {
	macKey, err := hex.DecodeString(request.MacKey)
	if err != nil || (len(macKey) == 0 && !request.Reveal) {
		return nil, &abi.Failure{Kind: abi.Engine, Message: "The key for sealing secret values is missing."}
	}
	run := &decoding{
		request:  request,
		limits:   request.Limits.orDefaults(),
		macKey:   macKey,
		response: &Response{Documents: []Document{}, Findings: []Finding{}, Needles: []Needles{}},

		knownValid: map[string]bool{},
	}
	for _, digest := range request.KnownValid {
		run.knownValid[digest] = true
	}
	if !request.Reveal {
		for _, found := range findInTexts(request.Values) {
			run.addLeak(found)
		}
	}
	for _, source := range request.Resources {
		for _, part := range splitDocuments([]byte(source.YAML)) {
			if failure := run.addPart(source, part); failure != nil {
				return nil, failure
			}
		}
	}
	return run.response, nil
}

// decoding is one call under way.
type decoding struct {
	request   Request
	limits    Limits
	macKey    []byte
	bytesUsed int
	response  *Response
	// knownValid are digests.
	knownValid map[string]bool
	// leaks counts the findings about secrets so far.
	leaks int
}

// addPart reads one YAML document and adds the objects in it.
func (d *decoding) addPart(source Source, part part) *abi.Failure {
	parsed, failure := parsePart(part, d.limits)
	if failure != nil {
		failure.File = source.File
		if !d.request.IsSource {
			failure.Line = 0
		}
		return failure
	}
	if parsed.value == nil {
		return nil
	}
	root, isObject := parsed.value.(map[string]any)
	if !isObject {
		d.addFinding(source, part.line, notAnObject(parsed.value))
		return nil
	}
	objects := unrollList(root, nil, 0)
	d.addDuplicates(source, objects, parsed.duplicates)
	for _, object := range objects {
		if failure := d.addObject(source, part, object); failure != nil {
			return failure
		}
	}
	return nil
}

func (d *decoding) addObject(source Source, part part, object listed) *abi.Failure {
	fields, isObject := object.value.(map[string]any)
	if !isObject {
		d.addFinding(source, part.line, notAnObject(object.value))
		return nil
	}
	if len(d.response.Documents) >= d.limits.Documents {
		return &abi.Failure{Kind: abi.Limit, File: source.File,
			Message: fmt.Sprintf("There are more than %d documents.", d.limits.Documents)}
	}
	id := identify(fields)
	if finding := findMissingIdentity(fields, id); finding != nil {
		d.addFinding(source, part.line, *finding)
	}
	document := Document{Resource: id, Origin: d.originOf(source, part), Hooks: orEmpty(source.Hooks)}
	if d.request.Reveal {
		document.Raw = string(writeCanonical(nil, fields))
		return d.keep(source, document)
	}
	for _, finding := range append(findEmbeddedSyntax(fields, id), findPlainSecretData(fields, id)...) {
		d.addFinding(source, 0, finding)
	}
	if d.request.IsSubstituted {
		document.Substituted = findSubstituted(fields)
	}
	document.fill(fields, d.macKey)
	if failure := d.addCredentials(source, &document, fields); failure != nil {
		return failure
	}
	return d.keep(source, document)
}

// addCredentials looks through a document that is not known, and seals the values with credentials in it. sealed is the
// object after its secret values were sealed: only one that has such has to be read again.
func (d *decoding) addCredentials(source Source, document *Document, sealed map[string]any) *abi.Failure {
	if document.IsSops || d.knownValid[document.Digest] {
		return nil
	}
	fields := sealed
	if len(document.Sealed) > 0 {
		raw, isJSON := readJSON([]byte(document.Raw), d.limits.Depth)
		if fields, _ = raw.(map[string]any); !isJSON {
			return &abi.Failure{Kind: abi.Engine, Message: "A document cannot be read again.", File: source.File}
		}
	}
	leaks, exposed := findCredentials(fields, document.Resource)
	if len(exposed) > 0 {
		document.sealExposed(sealed, exposed, d.macKey)
	}
	for _, found := range leaks {
		found.File = source.File
		d.addLeak(found)
	}
	return nil
}

// sealExposed seals further values of a document.
func (document *Document) sealExposed(fields map[string]any, pointers []string, macKey []byte) {
	sealing := &sealing{macKey: macKey, sealed: document.Sealed}
	exposed := map[string]bool{}
	for _, pointer := range pointers {
		exposed[pointer] = true
	}
	sealing.sealAt(fields, "", exposed)
	document.Sealed = sealing.sealed
	document.JSON = string(writeCanonical(nil, fields))
	document.Digest = digestOf(document.JSON, document.Sealed)
}

func (d *decoding) addLeak(found leak) {
	if d.leaks == maxLeaks {
		return
	}
	d.leaks++
	if !d.request.IsSource {
		d.response.Needles = append(d.response.Needles, Needles{Finding: len(d.response.Findings), Texts: found.needles})
	}
	d.response.Findings = append(d.response.Findings, found.Finding)
}

// fill writes the texts of a document. It replaces the secret values in fields.
func (document *Document) fill(fields map[string]any, macKey []byte) {
	document.IsSops = isSops(fields)
	sops := fields["sops"]
	if document.IsSops {
		delete(fields, "sops")
	}
	document.Raw = string(writeCanonical(nil, fields))
	if document.IsSops {
		fields["sops"] = sops
	}
	document.JSON = document.Raw
	document.Sealed = [][2]string{}
	if document.IsSops || mayHoldSecrets(document.Resource.Kind, document.Raw) {
		document.Sealed = sealObject(fields, macKey)
		document.JSON = string(writeCanonical(nil, fields))
	}
	document.Digest = digestOf(document.JSON, document.Sealed)
	document.Substituted = orEmpty(document.Substituted)
}

func (d *decoding) keep(source Source, document Document) *abi.Failure {
	d.bytesUsed += len(document.JSON) + len(document.Raw)
	if d.bytesUsed > 2*d.limits.Bytes {
		return &abi.Failure{Kind: abi.Limit, File: source.File,
			Message: fmt.Sprintf("The documents are larger than %d bytes.", d.limits.Bytes)}
	}
	d.response.Documents = append(d.response.Documents, document)
	return nil
}

func (d *decoding) originOf(source Source, part part) Origin {
	origin := Origin{File: source.File, Document: source.Document, ShapedBy: orEmpty(source.ShapedBy)}
	if d.request.IsSource {
		origin.Document = &part.document
	}
	return origin
}

// addFinding places a finding in its file. line is 0 where the finding's path says more than a line would.
func (d *decoding) addFinding(source Source, line int, finding Finding) {
	finding.File = source.File
	if d.request.IsSource {
		finding.Line = line
	}
	if finding.Path == nil {
		finding.Path = []any{}
	}
	d.response.Findings = append(d.response.Findings, finding)
}

func (d *decoding) addDuplicates(source Source, objects []listed, duplicates []duplicate) {
	for _, found := range duplicates {
		object, path := ownerOf(objects, found.path)
		finding := Finding{
			Rule: "duplicate-key", Level: "error", Path: path, File: source.File,
			Message: fmt.Sprintf("The key %q is set more than once here; the cluster reads the last one. Remove the others.", found.key),
		}
		if fields, isObject := object.value.(map[string]any); isObject {
			id := identify(fields)
			finding.Resource = &id
		}
		if d.request.IsSource {
			finding.Line, finding.Column = found.line, found.column
		}
		d.response.Findings = append(d.response.Findings, finding)
	}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
