package abi

import "unsafe"

//go:wasmimport drydock lookup
func hostLookup(path unsafe.Pointer, length uint32) uint32

//go:wasmimport drydock reply
func hostReply(destination unsafe.Pointer)

type wasmHost struct{}

func (wasmHost) Lookup(path string) []byte {
	reply := make([]byte, hostLookup(unsafe.Pointer(unsafe.StringData(path)), uint32(len(path))))
	if len(reply) > 0 {
		hostReply(unsafe.Pointer(unsafe.SliceData(reply)))
	}
	return reply
}

// The collector does not see the host's pointers, so the buffers it holds stay reachable here.
var request, response []byte

//go:wasmexport alloc
func alloc(size uint32) unsafe.Pointer {
	request = make([]byte, max(size, 1))
	return unsafe.Pointer(unsafe.SliceData(request))
}

//go:wasmexport call
func call(pointer unsafe.Pointer, length uint32) uint64 {
	response = Answer(unsafe.Slice((*byte)(pointer), length), wasmHost{})
	request = nil
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(response))))<<32 | uint64(len(response))
}
