// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { addedLines, mergeLines, missing, parseGcov, percent, share } from "../coverage/lines.ts";

function report(file: string, ...lines: readonly (readonly [number, number])[]): string {
  return JSON.stringify({
    files: [{ file, lines: lines.map(([line_number, count]) => ({ line_number, count })) }],
  });
}

describe("line coverage", () => {
  it("sums what functions of one line and several programs counted", () => {
    const one = parseGcov(report("a.c", [1, 2], [2, 0], [2, 3]));
    const other = parseGcov(report("a.c", [1, 0], [3, 0]));
    expect([...(mergeLines([one, other]).get("a.c") ?? [])]).to.deep.equal([
      [1, 2],
      [2, 3],
      [3, 0],
    ]);
  });

  it("refuses what is no report", () => {
    expect(() => parseGcov("{}")).to.throw("no report");
  });

  it("counts the lines that are asked for, and names those that did not run", () => {
    const lines = new Map([
      [1, 1],
      [2, 0],
      [3, 0],
      [7, 0],
    ]);
    expect(share(lines)).to.deep.equal({ covered: 1, total: 4 });
    expect(missing(lines)).to.equal("2-3, 7");
    const only = new Set([1, 7, 8]);
    expect(share(lines, only)).to.deep.equal({ covered: 1, total: 2 });
    expect(missing(lines, only)).to.equal("7");
    expect(percent(share(lines, only))).to.equal(50);
  });

  it("takes nothing for covered where there is nothing", () => {
    expect(percent({ covered: 0, total: 0 })).to.equal(100);
  });

  it("reads from a diff which lines are new", () => {
    const diff = `--- a/lvm.c
+++ b/lvm.c
@@ -10 +10,2 @@
-old
+new
+more
@@ -20,3 +21,0 @@
-gone
@@ -30,0 +28 @@
+one
`;
    expect([...addedLines(diff)]).to.deep.equal([10, 11, 28]);
  });
});
