/* SPDX-License-Identifier: MIT */
/* The command line of the programs here. */
#ifndef TORTURE_OPTIONS_H
#define TORTURE_OPTIONS_H

#include <stdint.h>

/* What was given; what is not given stays as it was, but for a seed, which is drawn. */
struct options {
	const char *socket; /* of the embedded backend; NULL: the kernel */
	uint64_t clients;
	uint64_t seconds; /* --time */
	uint64_t seed;
};

/*
 * Read the options that `taken` names by their first letters: "s" for --socket, "S" for --seed.
 * --help ends the process with 0, whatever else there is with 2; each prints the usage.
 */
void options_read(struct options *options, const char *taken, const char *usage, int argc,
		  char **argv);

#endif
