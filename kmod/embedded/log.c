// SPDX-License-Identifier: GPL-2.0 OR MIT
/* printk, its rate limits, and BUG. */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include "log.h"

/* The longest text of a record in the kernel's log; the rest is cut off. */
#define RECORD_MAX 976
#define PREFIX_MAX 32

static int log_fd = STDERR_FILENO;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

int log_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	log_fd = fd;
	return 0;
}

void log_close(void)
{
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = STDERR_FILENO;
}

/* A log that cannot be written loses lines, as a full ring does; it stops nobody. */
static void log_write(const char *text, size_t size)
{
	while (size) {
		ssize_t written = write(log_fd, text, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		text += written;
		size -= written;
	}
}

/* Every line of a record gets the prefix, as dmesg shows it. */
static void record_write(const char *text, int size)
{
	u64 us = ktime_get_ns() / NSEC_PER_USEC;
	char line[PREFIX_MAX + RECORD_MAX + 1];

	pthread_mutex_lock(&mutex);
	do {
		const char *end = memchr(text, '\n', size);
		int length = end ? end - text : size;
		int prefix = snprintf(line, PREFIX_MAX, "[%5lu.%06lu] ",
				      (unsigned long)(us / USEC_PER_SEC),
				      (unsigned long)(us % USEC_PER_SEC));

		memcpy(line + prefix, text, length);
		line[prefix + length] = '\n';
		log_write(line, prefix + length + 1);
		text += length + 1;
		size -= length + 1;
	} while (size > 0);
	pthread_mutex_unlock(&mutex);
}

static int vprintk(const char *format, va_list arguments)
{
	char text[RECORD_MAX];
	int size;

	if (format[0] == KERN_SOH[0] && format[1])
		format += 2;
	size = vscnprintf(text, sizeof(text), format, arguments);
	if (size && text[size - 1] == '\n')
		size--;
	record_write(text, size);
	return size;
}

int _printk(const char *format, ...)
{
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vprintk(format, arguments);
	va_end(arguments);
	return size;
}

void bug(const char *format, ...)
{
	char text[RECORD_MAX];
	void *frames[64];
	va_list arguments;
	int size;

	va_start(arguments, format);
	vscnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	_printk(KERN_CRIT "BUG: %s\n", text);
	size = backtrace(frames, ARRAY_SIZE(frames));
	backtrace_symbols_fd(frames, size, log_fd);
	abort();
}

void ratelimit_state_init(struct ratelimit_state *state, int interval, int burst)
{
	*state = (struct ratelimit_state)RATELIMIT_STATE_INIT(state, interval, burst);
}

int ___ratelimit(struct ratelimit_state *state, const char *function)
{
	unsigned long now = jiffies;
	int missed = 0;
	bool may;

	if (!state->interval)
		return 1;
	pthread_mutex_lock(&state->lock);
	if (!state->begin || time_after(now, state->begin + state->interval)) {
		if (!(state->flags & RATELIMIT_MSG_ON_RELEASE)) {
			missed = state->missed;
			state->missed = 0;
		}
		state->begin = now;
		state->printed = 0;
	}
	may = state->printed < state->burst;
	if (may)
		state->printed++;
	else
		state->missed++;
	pthread_mutex_unlock(&state->lock);
	if (missed)
		printk(KERN_WARNING "%s: %d callbacks suppressed\n", function, missed);
	return may;
}
