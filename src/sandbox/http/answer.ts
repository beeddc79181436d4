/** What a request is answered with; no body at all where `body` is undefined. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const DOCUMENTATION = "https://docs.github.com/rest";

/** Thrown by whatever answers a request, to end it with an error as GitHub prints it. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(status: number, message: string, more: { readonly errors?: readonly unknown[]; location?: string } = {}) {
    super(message);
    this.name = "Refusal";
    const { errors, location } = more;
    this.answer = {
      status,
      body: {
        message,
        documentation_url: DOCUMENTATION,
        status: String(status),
        ...(errors === undefined ? {} : { errors }),
        ...(location === undefined ? {} : { url: location }),
      },
      ...(location === undefined ? {} : { headers: { location } }),
    };
  }
}

/** What does not exist and what the caller may not see look the same. */
export function notFound(): Refusal {
  return new Refusal(404, "Not Found");
}

export function forbidden(message = "Resource not accessible by integration"): Refusal {
  return new Refusal(403, message);
}

/** 422, with the field that was wrong where GitHub names it. */
export function invalid(resource: string, field: string, code: string, message?: string): Refusal {
  const error = { resource, field, code, ...(message === undefined ? {} : { message }) };
  return new Refusal(422, "Validation Failed", { errors: [error] });
}
