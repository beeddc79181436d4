import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { readServerConfig } from "../../../src/config/read-server-config.ts";
import type { ServerConfig, ServerReading } from "../../../src/config/server.ts";

const { privateKey: KEY } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const APP = { APP_ID: "4711", PRIVATE_KEY: KEY, WEBHOOK_SECRET: "0123456789abcdef" };
const noFile = (): undefined => undefined;

function loaded(reading: ServerReading): ServerConfig {
  assert.equal(reading.kind, "loaded", reading.kind === "invalid" ? reading.message : "");
  return reading.config;
}

function problemOf(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): string {
  const reading = readServerConfig(env, (path) => files[path]);
  assert.equal(reading.kind, "invalid");
  return reading.message;
}

describe("the server's configuration", () => {
  test("has defaults for all but the App", () => {
    const { PRIVATE_KEY, ...config } = loaded(readServerConfig(APP, noFile));
    assert.equal(PRIVATE_KEY, KEY);
    assert.deepEqual(
      [config.APP_ID, config.HOST, config.PORT, config.WEBHOOK_PATH, config.DRYDOCK_DATA, config.METRICS_HOST],
      [4711, "127.0.0.1", 3000, "/api/github/webhooks", ".drydock", "127.0.0.1"],
    );
  });

  test("takes the key as PEM, with \\n for line ends, in base64, or from a file", () => {
    for (const [name, text] of Object.entries({
      escaped: KEY.replaceAll("\n", "\\n"),
      base64: Buffer.from(KEY).toString("base64"),
      windows: KEY.replaceAll("\n", "\r\n"),
    })) {
      const { PRIVATE_KEY } = loaded(readServerConfig({ ...APP, PRIVATE_KEY: text }, noFile));
      assert.equal(PRIVATE_KEY.replaceAll("\r\n", "\n"), KEY, name);
    }
    const env = { ...APP, PRIVATE_KEY: "", PRIVATE_KEY_PATH: "/keys/app.pem" };
    assert.equal(
      loaded(readServerConfig(env, (path) => (path === "/keys/app.pem" ? KEY : undefined))).PRIVATE_KEY,
      KEY,
    );
  });

  test("says everything that is missing or wrong in one sentence, and no value", () => {
    assert.equal(
      problemOf({ CLIENT_ID: "Iv1.x" }),
      "Drydock cannot start: APP_ID is missing, PRIVATE_KEY or PRIVATE_KEY_PATH is missing, WEBHOOK_SECRET is missing and CLIENT_SECRET is missing beside CLIENT_ID.",
    );
    const message = problemOf({
      APP_ID: "drydock-id",
      PRIVATE_KEY: "hunter2-key",
      WEBHOOK_SECRET: "hunter2",
      WEBHOOK_PATH: "hunter2 path",
      PORT: "70000",
      LOG_LEVEL: "loud",
      PUBLIC_URL: "javascript:alert(1)",
      DRYDOCK_CHECKS: "0",
      DRYDOCK_PUBLIC_PAGES: "yes",
    });
    assert.equal(
      message,
      "Drydock cannot start: PRIVATE_KEY holds no private key in PEM, APP_ID must be a whole number, WEBHOOK_SECRET must be 16 characters or more, " +
        "WEBHOOK_PATH must be of the form /^\\/[\\w./-]*$/u, PORT must be at most 65535, " +
        "LOG_LEVEL must be trace or debug or info or warn or error or fatal or silent, " +
        "PUBLIC_URL must be an http or https address, DRYDOCK_CHECKS must be at least 1 and " +
        "DRYDOCK_PUBLIC_PAGES must be true or false.",
    );
    assert.equal(
      problemOf({ WEBHOOK_SECRET: "hunter2" }),
      "Drydock cannot start: APP_ID is missing, PRIVATE_KEY or PRIVATE_KEY_PATH is missing and " +
        "WEBHOOK_SECRET must be 16 characters or more.",
    );
    assert.equal(
      problemOf({ ...APP, PRIVATE_KEY: "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----" }),
      "Drydock cannot start: PRIVATE_KEY holds no private key in PEM.",
    );
    assert.equal(
      problemOf({ ...APP, PRIVATE_KEY: "", PRIVATE_KEY_PATH: "/hunter2" }),
      "Drydock cannot start: the file of PRIVATE_KEY_PATH cannot be read.",
    );
    assert.equal(
      problemOf({ ...APP, PUBLIC_URL: "https://example.com/drydock" }),
      "Drydock cannot start: PUBLIC_URL must be an address without a path, a query or a user.",
    );
  });

  test("T48: an empty or default secret refuses to start", () => {
    assert.equal(problemOf({ ...APP, WEBHOOK_SECRET: "" }), "Drydock cannot start: WEBHOOK_SECRET is missing.");
    assert.equal(problemOf({ ...APP, WEBHOOK_SECRET: "   " }), "Drydock cannot start: WEBHOOK_SECRET is missing.");
    assert.match(problemOf({ ...APP, WEBHOOK_SECRET: "development" }), /WEBHOOK_SECRET must be 16 characters or more/u);
  });

  test("with nothing about an App, the first-run page may make one", () => {
    const reading = readServerConfig({ APP_ID: "", PORT: "4000", PATH: "/bin" }, noFile);
    assert.equal(reading.kind, "no-app");
    assert.equal(reading.settings.PORT, 4000);
    assert.match(problemOf({ PORT: "x" }), /PORT must be a whole number/u);
  });

  test("the App that the first-run page made is read from its file, unless the environment names one", () => {
    const file = JSON.stringify({
      ...APP,
      APP_ID: "12",
      CLIENT_ID: "i",
      CLIENT_SECRET: "s",
      PUBLIC_URL: "https://d.example",
    });
    const files: Readonly<Record<string, string>> = { "/data/app.json": file };
    const read = (path: string): string | undefined => files[path];
    const made = loaded(readServerConfig({ DRYDOCK_DATA: "/data" }, read));
    assert.deepEqual([made.APP_ID, made.CLIENT_SECRET, made.PUBLIC_URL], [12, "s", "https://d.example"]);
    const moved = loaded(readServerConfig({ DRYDOCK_DATA: "/data", PUBLIC_URL: "https://new.example/" }, read));
    assert.equal(moved.PUBLIC_URL, "https://new.example");
    const named = loaded(readServerConfig({ ...APP, DRYDOCK_DATA: "/data" }, read));
    assert.deepEqual([named.APP_ID, named.CLIENT_SECRET, named.PUBLIC_URL], [4711, undefined, undefined]);
    assert.match(problemOf({ ...APP, PRIVATE_KEY: "", DRYDOCK_DATA: "/data" }, files), /PRIVATE_KEY .* is missing/u);
    for (const text of ["{", "[]", "{}", "null", '{"APP_ID":12}', '{"HOST":"0.0.0.0"}', '{"__proto__":"x"}']) {
      assert.match(
        problemOf({ DRYDOCK_DATA: "/data" }, { "/data/app.json": text }),
        /app\.json in DRYDOCK_DATA is not/u,
      );
    }
  });
});
