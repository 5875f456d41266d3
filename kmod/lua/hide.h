/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a script sees instead of an address: the same for the same object, another for another, and
 * nothing else. A permutation of 48 bits (all that differs between addresses here), keyed by the
 * state's seed: four rounds of a Feistel network with a mixing function of 64 bits.
 */
#ifndef LUNATIK_HIDE_H
#define LUNATIK_HIDE_H

/* Spread every bit of the input over the output (the finalizer of splitmix64). */
static inline unsigned long long hide_mix(unsigned long long x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static inline const void *hide_address(unsigned long long key, const void *address)
{
	unsigned long long word = (unsigned long long)address;
	unsigned long long left = word >> 24 & 0xffffff, right = word & 0xffffff;
	int round;

	if (!address)
		return NULL;
	for (round = 0; round < 4; round++) {
		unsigned long long mixed = hide_mix(hide_mix(key + round) ^ right) & 0xffffff;
		unsigned long long next = left ^ mixed;

		left = right;
		right = next;
	}
	return (const void *)(left << 24 | right);
}

#endif
