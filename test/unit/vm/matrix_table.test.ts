// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { type Row, readKernel, readMachine, withRow } from "../../vm/matrix_table.ts";

const document = `# Title

<!-- made by make test-kernels: begin -->
<!-- made by make test-kernels: end -->

The rest.
`;

function row(name: string, failed = 0): Row {
  const count = { passed: 12, failed, skipped: 1 };
  return {
    name,
    release: `${name}.1`,
    preemption: "none",
    date: "2026-01-02",
    machine: "TCG",
    count,
    seconds: 9.6,
  };
}

describe("the table of kernels", () => {
  it("has a row for each kernel, of its last run, and leaves the rest alone", () => {
    const first = withRow(withRow(document, row("6.1")), row("6.1-rt"));
    const again = withRow(first, row("6.1", 3));
    expect(again).to.equal(`# Title

<!-- made by make test-kernels: begin -->

| kernel | release | preemption | run on | under | passed | failed | skipped | seconds |
|---|---|---|---|---|---|---|---|---|
| 6.1 | 6.1.1 | none | 2026-01-02 | TCG | 12 | 3 | 1 | 10 |
| 6.1-rt | 6.1-rt.1 | none | 2026-01-02 | TCG | 12 | 0 | 1 | 10 |

<!-- made by make test-kernels: end -->

The rest.
`);
  });

  it("is not put where there is none", () => {
    expect(() => withRow("# Title\n", row("6.1"))).to.throw("make test-kernels");
  });

  it("takes the kernel from what the guest says, and the accelerator from the host", () => {
    const output = "…\nkernel: 6.1.0-56-amd64, preemption: PREEMPT_DYNAMIC, voluntary\n…";
    expect(readKernel(output)).to.deep.equal({
      release: "6.1.0-56-amd64",
      preemption: "PREEMPT_DYNAMIC, voluntary",
    });
    expect(readKernel("")).to.deep.equal({ release: "?", preemption: "?" });
    expect(readMachine("vm: kernel 6.1.0-56-amd64, TCG, 2 CPUs, 3072 MiB\n")).to.equal("TCG");
  });
});
