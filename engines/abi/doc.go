// Package abi is the small interface between Drydock's host (Node) and its WASM engines.
//
// An engine is a wasip1 reactor with two exports:
//
//	alloc(size i32) i32        a buffer for the next request; it lives until that call has ended
//	call(ptr i32, len i32) i64 the JSON request in that buffer; returns ptr<<32|len of the JSON response,
//	                           which lives until the next call
//
// A request is {"op": "...", ...}; a response is {"ok": {...}} or
// {"error": {"kind": FailureKind, "message": "...", "file": "...", "line": 1}}, file and line only where known.
//
// An engine reads repository files through two imports of the module "drydock":
//
//	lookup(pathPtr i32, pathLen i32) i32 the length of the reply, which the host keeps
//	reply(ptr i32)                       copies that reply to ptr
//
// Paths are relative to the repository's root, cleaned, with "/"; the root itself is "". The first byte of a reply says
// what it is:
//
//	f  a file; its bytes follow
//	d  a directory; a JSON array of {"name", "kind": "file"|"directory"|"symlink"|"submodule"} follows
//	l  the path leads through a symbolic link inside the repository; the resolved path follows, and the engine asks
//	   again there. A host may also answer f or d at once; then the engine takes the path as it was asked.
//	a  nothing is there
//	e  the path cannot be read; {"kind": FailureKind, "message"} follows, and the call ends as that failure
//
// Every engine knows the operation "settle", which collects garbage. scripts/build-engines.ts runs an engine once as
// warm.json in its folder says, settles it, and makes the state it is in then the start of every instance: nothing that
// a call leaves behind may change what later calls give.
//
// Any trap or exit out of an export means that the instance is dead.
package abi
