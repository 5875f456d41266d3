// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * lunatik-embedded: the module in a process of user space, reached through a unix socket.
 *
 * Started, it is insmod; SIGTERM or SIGINT is rmmod. In between it takes clients.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "../lua/engine.h"
#include "connection.h"
#include "genetlink.h"
#include "log.h"
#include "module.h"
#include "netlink.h"
#include "rcu.h"

/* Two threads and a descriptor each. */
#define CONNECTIONS_MAX 1000
/* What a client may leave unread: about what ours ask the kernel for. */
#define BUFFER_DEFAULT (4UL << 20)
#define BUFFER_MIN 4096UL

static int ended_fd = -1;

#ifdef EMBEDDED_ASAN
/*
 * Lua measures its stack by the addresses of frames, so locals stay on it. An abort() of ours is a
 * finding, with a stack trace like the others.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=0:handle_abort=1:allocator_may_return_null=1";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1";
}
#endif

static void usage(FILE *file)
{
	fprintf(file,
		"usage: lunatik-embedded [--socket PATH] [--log FILE] [--param NAME=VALUE]...\n"
		"\n"
		"Serves Lunatik's netlink messages over a unix socket, without the kernel.\n"
		"\n"
		"  --socket PATH       listen there; else $XDG_RUNTIME_DIR/lunatik.sock, or without that\n"
		"                      variable /tmp/lunatik-UID.sock\n"
		"  --log FILE          append the kernel log to the file instead of stderr\n"
		"  --param NAME=VALUE  set a parameter of the module\n"
		"  --buffer BYTES      what a client may leave unread before messages are lost (%lu)\n"
		"  --fail-every N      for tests: let every N-th allocation fail, once it listens\n"
		"  --help, --version\n"
		"\n"
		"Parameters of the module:\n", BUFFER_DEFAULT);
	module_parameters_print(file);
}

static void default_path(char *path, size_t size)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");

	if (folder && *folder)
		snprintf(path, size, "%s/lunatik.sock", folder);
	else
		snprintf(path, size, "/tmp/lunatik-%u.sock", getuid());
}

/* Remove a socket that no server listens on any more. 0, or EADDRINUSE when one does. */
static int remove_stale(const struct sockaddr_un *address)
{
	struct stat status;
	int fd, error;

	if (lstat(address->sun_path, &status) || !S_ISSOCK(status.st_mode))
		return 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	error = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? errno : EADDRINUSE;
	close(fd);
	if (error == ECONNREFUSED)
		error = unlink(address->sun_path) ? errno : 0;
	return error;
}

/* The listening socket, for this user only; negative, with a word on stderr, when it fails. */
static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "lunatik-embedded: the path is longer than %zu bytes: %s\n",
			sizeof(address.sun_path) - 1, path);
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	error = fd < 0 ? errno : remove_stale(&address);
	if (!error) {
		mask = umask(0177);
		if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, SOMAXCONN))
			error = errno;
		umask(mask);
	}
	if (!error)
		return fd;
	fprintf(stderr, "lunatik-embedded: cannot listen on %s: %s\n", path, strerror(error));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void connection_ended(void)
{
	const uint64_t one = 1;

	if (write(ended_fd, &one, sizeof(one)) < 0)
		bug("eventfd: errno %d", errno);
}

static void accept_one(int listener, size_t buffer)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int error;

	if (fd < 0) {
		/* out of descriptors: leave the client in the queue for a while */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			usleep(100000);
		return;
	}
	if (connections_reap() >= CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	error = connection_open(fd, buffer, connection_ended);
	if (error)
		printk(KERN_WARNING "lunatik-embedded: connection refused: %s\n", strerror(error));
}

/* Take clients until a signal comes. */
static void serve(int listener, int signals, size_t buffer)
{
	struct pollfd polls[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = ended_fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	uint64_t count;

	for (;;) {
		if (poll(polls, ARRAY_SIZE(polls), -1) < 0 && errno != EINTR)
			bug("poll: errno %d", errno);
		if (polls[2].revents)
			return;
		if (polls[1].revents && read(ended_fd, &count, sizeof(count)) > 0)
			connections_reap();
		if (polls[0].revents)
			accept_one(listener, buffer);
	}
}

/* The threads of the server leave the signals to serve(). */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static unsigned long parse_number(const char *option, const char *text, unsigned long least)
{
	unsigned long long number;

	if (!kstrtoull(text, 0, &number) && number >= least && number <= LONG_MAX)
		return number;
	fprintf(stderr, "lunatik-embedded: --%s takes a number of at least %lu\n", option, least);
	exit(2);
}

static void set_parameter(const char *assignment)
{
	int error = module_parameter_set(assignment);

	if (!error)
		return;
	fprintf(stderr, "lunatik-embedded: --param %s: %s\n", assignment,
		error == -ENOENT ? "the module has no such parameter" : strerror(-error));
	exit(2);
}

struct settings {
	char path[4096];
	size_t buffer;
	unsigned long fail_every;
};

static void parse_arguments(int argc, char **argv, struct settings *settings)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "log", required_argument, NULL, 'l' },
		{ "param", required_argument, NULL, 'p' },
		{ "buffer", required_argument, NULL, 'b' },
		{ "fail-every", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int option, error;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			snprintf(settings->path, sizeof(settings->path), "%s", optarg);
			break;
		case 'l':
			error = log_open(optarg);
			if (error) {
				fprintf(stderr, "lunatik-embedded: --log %s: %s\n", optarg,
					strerror(error));
				exit(1);
			}
			break;
		case 'p':
			set_parameter(optarg);
			break;
		case 'b':
			settings->buffer = parse_number("buffer", optarg, BUFFER_MIN);
			break;
		case 'f':
			settings->fail_every = parse_number("fail-every", optarg, 2);
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'v':
			printf("lunatik-embedded %s (%s)\n", embedded_module_version,
			       engine_lua_version);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lunatik-embedded: what is %s? Try --help.\n", argv[optind]);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct settings settings = { .buffer = BUFFER_DEFAULT };
	int listener, signals, error;

	default_path(settings.path, sizeof(settings.path));
	parse_arguments(argc, argv, &settings);
	raise_descriptors();
	signals = block_signals();
	ended_fd = eventfd(0, EFD_CLOEXEC);
	if (signals < 0 || ended_fd < 0) {
		fprintf(stderr, "lunatik-embedded: %s\n", strerror(errno));
		return 1;
	}
	listener = listen_on(settings.path);
	if (listener < 0)
		return 1;
	error = embedded_workqueues_init() ?: nlctrl_init() ?: embedded_module_init();
	if (error) {
		fprintf(stderr, "lunatik-embedded: the module does not load: %s\n",
			strerror(-error));
		unlink(settings.path);
		return 1;
	}
	printf("lunatik-embedded: listening on %s\n", settings.path);
	fflush(stdout);

	slab_fail_every(settings.fail_every);
	serve(listener, signals, settings.buffer);
	slab_fail_every(0);

	close(listener);
	unlink(settings.path);
	/* rmmod refuses while a dump holds the module; here its client loses it */
	module_leave(&embedded_module);
	netlink_end_dumps();
	embedded_module_exit();
	connections_close();
	nlctrl_exit();
	embedded_workqueues_exit();
	embedded_rcu_exit();
	embedded_timers_exit();
	close(ended_fd);
	close(signals);
	log_close();
	return 0;
}
