import { createAdaptorServer } from "@hono/node-server";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { WebApp } from "./web-app.ts";

export interface ListeningServer {
  readonly port: number;
  /** Takes no new request, lets those in flight end, and cuts what is left after `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

const SERVER_OPTIONS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  // Longer than proxies keep theirs (60 s as a rule): else a request may meet a connection that just closes.
  keepAliveTimeout: 75_000,
};

/** Serves an app over HTTP. Rejects when the address cannot be listened on. */
export async function listen(app: WebApp, host: string, port: number): Promise<ListeningServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: SERVER_OPTIONS,
    overrideGlobalObjects: false,
  }) as Server;
  const idle = trackIdle(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: (grace) => close(server, idle, grace) };
}

/**
 * Connections without a request. Node's own list of them lacks those on which none ever came, such as browsers open in
 * advance, and they would hold the end up.
 */
function trackIdle(server: Server): ReadonlySet<Socket> {
  const idle = new Set<Socket>();
  server.on("connection", (socket) => {
    idle.add(socket);
    socket.on("close", () => idle.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.on("close", () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
  return idle;
}

async function close(server: Server, idle: ReadonlySet<Socket>, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const closeIdle = (): void => {
    for (const socket of idle) socket.destroySoon();
  };
  closeIdle();
  const sweep = setInterval(closeIdle, 50);
  const cut = new AbortController();
  try {
    await Promise.race([closed, delay(grace, undefined, { signal: cut.signal })]);
    server.closeAllConnections();
    await closed;
  } finally {
    cut.abort();
    clearInterval(sweep);
  }
}
