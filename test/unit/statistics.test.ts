// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { parseStatistics } from "../fuzz/statistics.ts";

describe("libFuzzer's figures", () => {
  it("are those at the end of its log", () => {
    const log = `#2	INITED cov: 10 ft: 20 corp: 1/1b exec/s: 0 rss: 31Mb
#77	REDUCE cov: 3285 ft: 10936 corp: 932/932Kb lim: 1500 exec/s: 258 rss: 442Mb L: 466/1500 MS: 1 EraseBytes-
Done 920450 runs in 21 second(s)
stat::number_of_executed_units: 920450
stat::average_exec_per_sec:     43830
stat::peak_rss_mb:              246
`;
    expect(parseStatistics(log)).to.deep.equal({
      executions: 920_450,
      perSecond: 43_830,
      coverage: 3285,
      kept: 932,
    });
  });

  it("are 0 for a program that said nothing", () => {
    expect(parseStatistics("")).to.deep.equal({ executions: 0, perSecond: 0, coverage: 0, kept: 0 });
  });
});
