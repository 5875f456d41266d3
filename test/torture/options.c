// SPDX-License-Identifier: MIT
/* See options.h. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "options.h"

void options_read(struct options *options, const char *taken, const char *usage, int argc,
		  char **argv)
{
	static const struct option known[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "clients", required_argument, NULL, 'c' },
		{ "time", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	int option;

	if (strchr(taken, 'S') && getrandom(&options->seed, 4, 0) != 4) {
		perror("a seed");
		exit(1);
	}
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'h' || !strchr(taken, option)) {
			fputs(usage, option == 'h' ? stdout : stderr);
			exit(option == 'h' ? 0 : 2);
		}
		if (option == 's')
			options->socket = optarg;
		else if (option == 'c')
			options->clients = strtoull(optarg, NULL, 0);
		else if (option == 't')
			options->seconds = strtoull(optarg, NULL, 0);
		else
			options->seed = strtoull(optarg, NULL, 0);
	}
	if (optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
}
