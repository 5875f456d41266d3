// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { decodeText, encodeText } from "../../client/text.ts";

describe("text of bytes", () => {
  it("keeps well-formed text as it is", () => {
    const text = "grüße, 世界 🎉 \u{10ffff}";
    expect(decodeText(Buffer.from(text))).to.equal(text);
    expect(encodeText(text)).to.deep.equal(Buffer.from(text));
  });

  it("keeps bytes that are not UTF-8 as lone surrogates", () => {
    expect(decodeText(Uint8Array.of(0x61, 0xff, 0x62, 0xc3))).to.equal("a\udcffb\udcc3");
  });

  it("takes an encoded surrogate and an overlong form for bytes", () => {
    expect(decodeText(Uint8Array.of(0xed, 0xa0, 0x80))).to.equal("\udced\udca0\udc80");
    expect(decodeText(Uint8Array.of(0xc0, 0x80))).to.equal("\udcc0\udc80");
  });

  it("makes a lone surrogate that is no escape the replacement character", () => {
    expect(encodeText("\ud800")).to.deep.equal(Buffer.from("\ufffd"));
  });

  it("loses no byte of any string", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(Buffer.from(encodeText(decodeText(bytes))).equals(bytes)).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });
});
