/** What came of asking an address for an input that is not in the repository. */
export type FetchedInput =
  /** `digest` is the SHA-256 of the bytes, lower-case hex. The bytes are shared with engine workers, not copied. */
  | { readonly kind: "found"; readonly digest: string; readonly bytes: SharedArrayBuffer }
  /** The server says that there is nothing. */
  | { readonly kind: "absent" }
  /** Nobody knows what is there. `message` says why and what to do, without credentials. */
  | { readonly kind: "refused"; readonly message: string };
