// SPDX-License-Identifier: MIT
/*
 * lunatik-lua: a chunk in a state of the engine, in user space. As lua5.4 for one script:
 *
 *   lunatik-lua [-m BYTES] [-s STEPS] [-t SECONDS] [-k STACK] [-q] FILE | -e CODE | -
 *
 * -q prints what the run used to stderr. A script's output goes to stdout; a failed run prints
 * "lua: MESSAGE" and the traceback to stderr and exits with 1.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host.h"

static char *read_all(FILE *file, unsigned long *size)
{
	unsigned long room = 65536, got;
	char *data = malloc(room);

	*size = 0;
	while ((got = fread(data + *size, 1, room - *size, file)) > 0) {
		*size += got;
		if (*size == room)
			data = realloc(data, room *= 2);
	}
	return data;
}

/* A first line that starts with '#' is not Lua; lua5.4 leaves its line break in place as well. */
static void skip_shebang(char **data, unsigned long *size)
{
	char *end;

	if (!*size || **data != '#')
		return;
	end = memchr(*data, '\n', *size);
	end = end ? end : *data + *size;
	*size -= end - *data;
	*data = end;
}

int main(int argc, char **argv)
{
	struct engine_setup setup = {
		.libraries = LUNATIK_LIBRARY_MASK, .memory = 1ULL << 32, .seed = 1,
	};
	struct engine_run run = {
		.limits = {.memory = 1ULL << 32, .steps = ~0ULL, .time = ~0ULL},
		.results_max = 1 << 20,
	};
	struct engine_run closing;
	char *code = NULL, *file_data = NULL;
	char name[4096];
	lua_State *L;
	int option, quality = 0;

	host.stack = 1 << 20;
	host.output = stdout;
	while ((option = getopt(argc, argv, "+e:m:s:t:k:q")) != -1) {
		switch (option) {
		case 'e':
			code = optarg;
			break;
		case 'm':
			setup.memory = run.limits.memory = strtoull(optarg, NULL, 0);
			break;
		case 's':
			run.limits.steps = strtoull(optarg, NULL, 0);
			break;
		case 't':
			run.limits.time = strtod(optarg, NULL) * 1e9;
			break;
		case 'k':
			host.stack = strtoul(optarg, NULL, 0);
			break;
		case 'q':
			quality = 1;
			break;
		default:
			return 2;
		}
	}
	if (code) {
		run.code.data = code;
		run.code.size = strlen(code);
		run.chunk_name = "=(command line)";
	} else {
		const char *path = optind < argc ? argv[optind] : "-";
		FILE *file = strcmp(path, "-") ? fopen(path, "rb") : stdin;

		if (!file) {
			perror(path);
			return 2;
		}
		file_data = read_all(file, &run.code.size);
		run.code.data = file_data;
		skip_shebang(&run.code.data, &run.code.size);
		snprintf(name, sizeof(name), file == stdin ? "=stdin" : "@%s", path);
		run.chunk_name = name;
	}
	host_stack_here();
	if (engine_open(&setup, &L)) {
		fprintf(stderr, "lua: cannot open a state\n");
		return 1;
	}
	if (quality)
		fprintf(stderr, "opened: %llu bytes, %llu in pages\n", engine_memory(L), host.pages);
	engine_run(L, &run);
	fflush(stdout);
	if (run.error)
		fprintf(stderr, "lua: %.*s\n%.*s%s", (int)run.message.size, run.message.data,
			(int)run.traceback.size, run.traceback.data, run.traceback.size ? "\n" : "");
	if (quality)
		fprintf(stderr,
			"error %d, %llu steps, %.6f s, %llu bytes (peak %llu), %llu sections, "
			"longest %.6f s\n",
			run.error, run.steps, run.time / 1e9, run.memory, run.memory_peak,
			host.sections, host.longest_section / 1e9);
	closing = (struct engine_run){.limits = run.limits};
	engine_close(L, &closing);
	engine_host_free(run.results.data);
	engine_host_free(run.message.data);
	engine_host_free(run.traceback.data);
	engine_host_free(closing.message.data);
	engine_host_free(closing.traceback.data);
	host_check_nothing_left();
	free(file_data);
	return run.error != 0;
}
