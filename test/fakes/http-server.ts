import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly port: number;
  /** Paths in the order in which they were asked for. */
  readonly asked: string[];
}

export type Answers = Readonly<Record<string, string | ((request: IncomingMessage, response: ServerResponse) => void)>>;

/** A server on this machine that answers with these texts, by path, and with 404 to everything else. */
export async function startServer(
  test: { after(clean: () => void | Promise<void>): void },
  answers: Answers,
): Promise<FakeServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (typeof answer === "function") answer(request, response);
    else if (answer === undefined) response.writeHead(404).end("nothing here");
    else response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, asked };
}
