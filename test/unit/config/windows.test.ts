import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openWindow, openZoneClock, readRepositoryConfig, type WindowRule } from "../../../src/config/index.ts";

const HOUR = 3_600_000;

function read(window: string): WindowRule {
  const text = `version: 1\nenvironments: { prod: { windows: [{ name: w, effect: deny, ${window} }] } }`;
  const reading = readRepositoryConfig(text, ".github/drydock.yaml");
  assert.ok(reading.kind === "loaded", JSON.stringify(reading));
  const [rule] = reading.config.rules.environments[0]?.windows ?? [];
  assert.ok(rule);
  return rule;
}

/** Problems of one window whose keys stand on lines of their own, from line 6 on. */
function findProblems(...keys: readonly string[]): readonly string[] {
  const lines = ["version: 1", "environments:", "  prod:", "    windows:", "      - name: w", "        effect: deny"];
  const reading = readRepositoryConfig([...lines, ...keys.map((key) => `        ${key}`)].join("\n"), "f");
  return reading.kind === "invalid" ? reading.problems.map(({ line, message }) => `${line} ${message}`) : [];
}

function listBeginnings(window: string, from: string, until: string): readonly string[] {
  const spans = openWindow(read(window))?.listSpans(Date.parse(from) - 1, Date.parse(until)) ?? [];
  return spans.map((span) => new Date(span.from).toISOString().slice(0, 16));
}

function spanAt(window: string, at: string): readonly string[] {
  const span = openWindow(read(window))?.findSpan(Date.parse(at));
  return span === undefined ? [] : [span.from, span.until].map((time) => new Date(time).toISOString());
}

describe("a window by cron", () => {
  it("begins in the time of its zone, summer and winter", () => {
    const friday = 'cron: "0 18 * * 5", duration: 1h, timeZone: Europe/Berlin';
    assert.deepEqual(listBeginnings(friday, "2026-10-20T00:00Z", "2026-11-02T00:00Z"), [
      "2026-10-23T16:00",
      "2026-10-30T17:00",
    ]);
  });

  it("unites days of the month and weekdays, as cron does", () => {
    assert.deepEqual(listBeginnings('cron: "0 0 1 * MON", duration: 1h', "2026-09-25T00:00Z", "2026-10-06T00:00Z"), [
      "2026-09-28T00:00",
      "2026-10-01T00:00",
      "2026-10-05T00:00",
    ]);
  });
});

describe("a window by RRULE", () => {
  it("begins as RFC 5545 has it", () => {
    const table: readonly [rule: string, beginnings: readonly string[]][] = [
      ["FREQ=MONTHLY;BYDAY=-1FR", ["2026-11-27", "2026-12-25", "2027-01-29"]],
      ["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4", ["2026-11-10", "2026-11-12", "2026-11-24", "2026-11-26"]],
      ["FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20", ["2026-12-20"]],
      ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-11-30", "2026-12-31", "2027-01-29"]],
      ["FREQ=DAILY;UNTIL=20261103", ["2026-11-01", "2026-11-02", "2026-11-03"]],
      ["FREQ=DAILY;UNTIL=20261102T080000", ["2026-11-01", "2026-11-02"]],
    ];
    for (const [rule, beginnings] of table) {
      const window = `rrule: "DTSTART:20261101T080000 RRULE:${rule}", duration: 1h`;
      const found = listBeginnings(window, "2026-10-01T00:00Z", "2027-01-31T00:00Z");
      assert.deepEqual(
        found.map((at) => at.slice(0, 10)),
        beginnings,
        rule,
      );
    }
  });

  it("is in the zone that DTSTART names, and ends at UNTIL in UTC", () => {
    const rule = "DTSTART;TZID=America/New_York:20261101T220000 RRULE:FREQ=DAILY;UNTIL=20261104T030000Z";
    const window = `rrule: "${rule}", duration: 1h`;
    assert.equal(read(window).timeZone, "America/New_York");
    const found = listBeginnings(window, "2026-11-01T00:00Z", "2026-11-10T00:00Z");
    assert.deepEqual(found, ["2026-11-02T03:00", "2026-11-03T03:00", "2026-11-04T03:00"]);
  });

  it("is found however long ago it began to last", () => {
    const year = 'rrule: "DTSTART:20200101T000000 RRULE:FREQ=YEARLY", duration: 360d';
    assert.deepEqual(spanAt(year, "2026-12-20T00:00Z"), ["2026-01-01T00:00:00.000Z", "2026-12-27T00:00:00.000Z"]);
    assert.deepEqual(spanAt(year, "2026-12-27T00:00Z"), []);
  });
});

describe("T27: where clocks are put forward or back", () => {
  const night = (cron: string, duration: string): string =>
    `cron: "${cron}", duration: ${duration}, timeZone: Europe/Berlin`;
  const allow = (window: string): WindowRule => ({ ...read(window), effect: "allow" });
  const listAllowed = (window: string, from: string, until: string): readonly string[] =>
    (openWindow(allow(window))?.listSpans(Date.parse(from), Date.parse(until)) ?? []).map(
      (span) => `${new Date(span.from).toISOString()} ${(span.until - span.from) / HOUR}`,
    );

  it("a weekend is a weekend, with 47, 48 or 49 hours", () => {
    const weekend = night("0 0 * * 6", "2d");
    const [from, until] = spanAt(weekend, "2026-10-25T22:30Z");
    assert.deepEqual([from, until], ["2026-10-23T22:00:00.000Z", "2026-10-25T23:00:00.000Z"]);
    const [spring, end] = spanAt(weekend, "2026-03-29T12:00Z").map((time) => Date.parse(time));
    assert.equal((end ?? 0) - (spring ?? 0), 47 * HOUR);
  });

  it("a deny window that begins in the hour that is left out begins before it", () => {
    const gap = night("30 2 * * *", "1h");
    assert.deepEqual(spanAt(gap, "2026-03-29T01:10Z"), ["2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z"]);
  });

  it("a deny window covers both of an hour that comes twice, an allow window neither", () => {
    const overlap = night("0 2 * * *", "30m");
    assert.deepEqual(spanAt(overlap, "2026-10-25T00:45Z"), ["2026-10-25T00:00:00.000Z", "2026-10-25T01:30:00.000Z"]);
    assert.deepEqual(listAllowed(overlap, "2026-10-24T12:00Z", "2026-10-25T12:00Z"), []);
    assert.deepEqual(listAllowed(overlap, "2026-10-25T12:00Z", "2026-10-26T12:00Z"), ["2026-10-26T01:00:00.000Z 0.5"]);
  });

  it("an allow window in the hour that is left out is no window", () => {
    const gap = night("10 2 * * *", "30m");
    assert.deepEqual(listAllowed(gap, "2026-03-28T12:00Z", "2026-03-29T12:00Z"), []);
  });
});

describe("clocks of a zone", () => {
  it("name their offset as people do", () => {
    const table: readonly [zone: string, printed: string][] = [
      ["Europe/Berlin", "2026-12-01 08:00 CET"],
      ["America/New_York", "2026-12-01 02:00 EST"],
      ["Asia/Kolkata", "2026-12-01 12:30 UTC+5:30"],
      ["UTC", "2026-12-01 07:00 UTC"],
    ];
    for (const [zone, printed] of table)
      assert.equal(openZoneClock(zone)?.print(Date.parse("2026-12-01T07:00Z")), printed);
  });

  it("are there for names of zones alone", () => {
    for (const zone of ["Europe/Berlinn", "+01:00", "", "__proto__"])
      assert.equal(openZoneClock(zone), undefined, zone);
  });
});

describe("a window in the config", () => {
  const table: readonly [keys: readonly string[], problems: readonly string[]][] = [
    [['cron: "0 8 * * 1-5"', "duration: 8h"], []],
    [["from: 2026-12-20T00:00:00Z", "until: 2027-01-02T00:00:00Z"], []],
    [["reason: r"], ["5 environments.prod.windows[0].cron: a window has one of cron, rrule, or from and until"]],
    [
      ['cron: "0 8 * * *"', "duration: 8h", "from: 2026-12-20T00:00:00Z"],
      ["7 environments.prod.windows[0].cron: a window has one of cron, rrule, or from and until"],
    ],
    [['cron: "0 8 * * *"'], ["5 environments.prod.windows[0].duration: a schedule needs a duration"]],
    [['cron: "0 8 * * *"', "duration: 999w"], ["8 environments.prod.windows[0].duration: this has to be 1m to 366d"]],
    [['cron: "0 8 * * *"', "duration: 0m"], ["8 environments.prod.windows[0].duration: this has to be 1m to 366d"]],
    [["from: 2026-12-20T00:00:00Z"], ["5 environments.prod.windows[0].until: this key is missing"]],
    [
      ["from: 2026-12-20T00:00:00Z", "until: 2026-12-20T00:00:00Z"],
      ["8 environments.prod.windows[0].until: it ends before it begins"],
    ],
    [
      ["from: 2026-12-20T00:00:00Z", "until: 2026-12-21T00:00:00Z", "duration: 1h"],
      ["9 environments.prod.windows[0].duration: from and until say how long it lasts"],
    ],
    [
      ['cron: "0 8 * * *"', "duration: 8h", "timeZone: Europe/Berln"],
      ["9 environments.prod.windows[0].timeZone: this is no time zone; did you mean Europe/Berlin?"],
    ],
    [['cron: "0 0 30 2 *"', "duration: 8h"], ["7 environments.prod.windows[0].cron: this never begins"]],
    [
      ['cron: "* * * * *"', "duration: 1m"],
      ["7 environments.prod.windows[0].cron: this begins more than 24 times a day; let it begin once and last longer"],
    ],
    [
      ['cron: "0 8 * * 1 2026"', "duration: 1m"],
      ["7 environments.prod.windows[0].cron: cron has five fields: minute, hour, day, month, weekday"],
    ],
    [
      ['cron: "? 8 * * 1"', "duration: 1m"],
      ["7 environments.prod.windows[0].cron: cron has five fields: minute, hour, day, month, weekday"],
    ],
    [
      ['cron: "99 8 * * 1"', "duration: 1m"],
      ["7 environments.prod.windows[0].cron: this is not readable as cron: Invalid value for minute: 99"],
    ],
    [
      ["dur: 8h"],
      [
        '7 unknown key "dur" in environments.prod.windows[0]; known keys are name, effect, cron, rrule, from, until, duration, timeZone, reason, exceptLabels',
      ],
    ],
  ];

  for (const [keys, problems] of table) {
    it(`${keys.join(", ")}: ${problems.length === 0 ? "none" : "on its line"}`, () => {
      assert.deepEqual(findProblems(...keys), problems);
    });
  }

  const rules: readonly [rule: string, problem: string][] = [
    ["FREQ=DAILY", "this has to be DTSTART:20261201T080000 RRULE:FREQ=…, joined by a space, and nothing else"],
    ["DTSTART:20261301T080000 RRULE:FREQ=DAILY", "there is no such day or time"],
    ["DTSTART:20261201T080000 RRULE:FREQ=DAILY;UNTIL=20260230", "there is no such day or time"],
    ["DTSTART:20261201T080000 RRULE:FREQ=DAILY;UNTIL=20251201", "this never begins"],
    ["DTSTART:20261201T080000 RRULE:FREQ=DAILY;BYMONTH=13", "BYMONTH has a value that it cannot have here"],
    ["DTSTART:20261201T080000 RRULE:FREQ=SECONDLY", "FREQ has a value that it cannot have here"],
    ["DTSTART:20261201T080000 RRULE:FREQ=DAILY;COUNT=999", "COUNT may be 100 at most; use UNTIL"],
    ["DTSTART:20261201T080000 RRULE:FREQ=DAILY;COUNT=1000000000", "COUNT has a value that it cannot have here"],
    ["DTSTART:20261201T080000 RRULE:FREQ=DAILY;FREQ=WEEKLY", "FREQ is there twice"],
    ["DTSTART:20261201T080000 RRULE:BYHOUR=8", "the rule needs FREQ: DAILY, WEEKLY, MONTHLY or YEARLY"],
    [
      "DTSTART:20261201T080000 RRULE:FREQ=DAILY EXDATE:20261202T080000",
      "this has to be DTSTART:20261201T080000 RRULE:FREQ=…, joined by a space, and nothing else",
    ],
    [
      "DTSTART:20261201T080000 RRULE:FREQ=DAILY;EVIL=1",
      "a part of the rule is not known here; known are FREQ, INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY, BYHOUR, BYMINUTE, BYSETPOS",
    ],
    [
      "DTSTART;TZID=Mars/Base:20261201T080000 RRULE:FREQ=DAILY",
      "this is no time zone; use an IANA name such as Europe/Berlin",
    ],
    [
      "DTSTART:20261201T080000 RRULE:FREQ=DAILY;BYMINUTE=0,15,30,45;BYHOUR=1,2,3,4,5,6,7",
      "this begins more than 24 times a day; let it begin once and last longer",
    ],
    [
      "DTSTART:20261201T080000 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
      "this never begins, begins too rarely to be found, or joins parts that RFC 5545 does not join",
    ],
    [
      "DTSTART:20261201T080000 RRULE:FREQ=WEEKLY;BYMONTHDAY=3",
      "this never begins, begins too rarely to be found, or joins parts that RFC 5545 does not join",
    ],
  ];

  for (const [rule, problem] of rules) {
    it(`${rule}: ${problem.slice(0, 40)}`, () => {
      assert.deepEqual(findProblems(`rrule: "${rule}"`, "duration: 1h"), [
        `7 environments.prod.windows[0].rrule: ${problem}`,
      ]);
    });
  }

  it("may be in another zone than DTSTART never", () => {
    const rule = "DTSTART;TZID=Europe/Berlin:20261201T080000 RRULE:FREQ=DAILY";
    assert.deepEqual(findProblems(`rrule: "${rule}"`, "duration: 1h", "timeZone: UTC"), [
      "7 environments.prod.windows[0].rrule: DTSTART is in Europe/Berlin, timeZone is UTC",
    ]);
  });

  it("takes bounded work, however many there are and whatever they say", () => {
    const window = (index: number): string =>
      `{name: w, effect: deny, duration: 1h, rrule: "DTSTART:20${index % 80}0101T000000 RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}`;
    const file = (count: number): string =>
      `version: 1\nenvironments: {prod: {windows: [${Array.from({ length: count }, (_, index) => window(index + 10)).join(", ")}]}}`;
    const started = performance.now();
    const reading = readRepositoryConfig(file(90), "f");
    assert.ok(reading.kind === "invalid");
    assert.equal(reading.problems.length, 5);
    const many = `version: 1\nenvironments:\n  a0: &a {windows: [${Array.from({ length: 50 }, () => window(30)).join(", ")}]}\n${["a1", "a2", "a3", "a4"].map((name) => `  ${name}: *a`).join("\n")}`;
    const refused = readRepositoryConfig(many, "f");
    assert.ok(refused.kind === "invalid");
    assert.deepEqual(
      refused.problems.map(({ message }) => message),
      ["environments: there are 250 windows in all environments, at most 200 can be"],
    );
    assert.ok(performance.now() - started < 20 * 1000);
  });
});
