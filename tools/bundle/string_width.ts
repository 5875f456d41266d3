// SPDX-License-Identifier: MIT

/**
 * How many columns a text takes, in place of the package string-width when kluactl is made one file: that one sets up tables
 * of Unicode at every start, a third of the time that kluactl takes for it. What yargs lays out is kluactl's own help,
 * in ASCII and without colours, where a character is a column.
 */
export default function stringWidth(text: string): number {
  return text.length;
}
