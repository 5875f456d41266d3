/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The door between the kernel's world and Lua's: neither a kernel header nor a Lua header is
 * needed to read it. engine_*() is implemented in Lua's translation unit and called from process
 * context, outside any FPU section, with no lock held. engine_host_*() is implemented by whoever
 * hosts the unit (kmod/host.c).
 *
 * A lua_State is used by one caller at a time; its owner sees to that. Only engine_cancel() may be
 * called while a run is in progress.
 */
#ifndef LUNATIK_ENGINE_H
#define LUNATIK_ENGINE_H

#include "../uapi/lunatik.h" /* enum lunatik_error, enum lunatik_library; plain C */

typedef struct lua_State lua_State;

/* Bytes that need not be text; data may be NULL when size is 0. */
struct engine_bytes {
	char *data;
	unsigned long size;
};

/* What one run may use. */
struct engine_limits {
	unsigned long long memory; /* bytes, for the whole state */
	unsigned long long steps;
	unsigned long long time;   /* ns */
};

struct engine_setup {
	void *owner;               /* handed to engine_host_*() */
	unsigned int libraries;    /* LUNATIK_LIBRARY_* bits; base is always there */
	unsigned long long memory; /* bytes; the limit while the libraries are opened, and for good */
	unsigned long long seed;   /* of string hashes and math.random */
};

/* The most bytes of a message, and of a traceback; the rest is cut off. */
#define ENGINE_TEXT_MAX 4096

/* One run. The caller zeroes it, fills the first part, and reads the second afterwards. */
struct engine_run {
	/* in */
	struct engine_bytes code;      /* a chunk to execute, or ... */
	const char *function;          /* ... when not NULL, a dotted name to call */
	const char *chunk_name;        /* as luaL_loadbuffer takes it; NULL is "=chunk" */
	struct engine_bytes arguments; /* a MessagePack array, or nothing */
	struct engine_limits limits;
	unsigned long results_max;     /* bytes */
	int cancel;                    /* set by engine_cancel(), read at every poll */

	/* out; the three buffers are the caller's to free with engine_host_free() */
	enum lunatik_error error;      /* 0 when the run succeeded */
	struct engine_bytes results;   /* a MessagePack array */
	struct engine_bytes message;   /* of the error; may be empty when the kernel has no memory */
	struct engine_bytes traceback;
	unsigned long long steps;
	unsigned long long time;       /* ns */
	unsigned long long memory;     /* bytes in use after the run */
	unsigned long long memory_peak;/* highest during the run */
};

/*
 * Make a state with its libraries open. Returns 0 and sets *L, or returns LUNATIK_ERROR_MEMORY,
 * LUNATIK_ERROR_TOTAL_MEMORY or LUNATIK_ERROR_NO_MEMORY and leaves nothing behind.
 */
enum lunatik_error engine_open(const struct engine_setup *setup, lua_State **L);

/*
 * Close a state: pending finalizers run under the limits, then everything is freed, whatever they
 * did. The caller may engine_cancel() the run meanwhile; only its limits and cancel are used.
 */
void engine_close(lua_State *L, struct engine_run *run);

/*
 * Run a chunk or call a function. The outcome is in the run; the state stays usable whatever it is.
 * Raises nothing.
 */
void engine_run(lua_State *L, struct engine_run *run);

/* End a run at its next poll. Any context; harmless before the run starts and after it has ended. */
void engine_cancel(struct engine_run *run);

/* Bytes in use now and the highest ever; may be read while a run is in progress. */
unsigned long long engine_memory(const lua_State *L);
unsigned long long engine_memory_peak(const lua_State *L);

/*
 * The longest FPU section that runs of the state have been in, in ns; and the most bytes of a stack
 * that they have used, what lay on it before included. May be read while a run is in progress.
 */
unsigned long long engine_section_longest(const lua_State *L);
unsigned long engine_stack_deepest(const lua_State *L);

/* "Lua 5.4.8". */
extern const char engine_lua_version[];

/* --- what the host gives --------------------------------------------------------------------- */

/*
 * Page-aligned memory for a state's heap, size a multiple of 4096. May sleep. Returns 0 and sets
 * *pages, or LUNATIK_ERROR_TOTAL_MEMORY or LUNATIK_ERROR_NO_MEMORY. Never inside an FPU section.
 */
enum lunatik_error engine_host_pages(void *owner, unsigned long size, void **pages);
void engine_host_pages_free(void *owner, void *pages, unsigned long size);

/*
 * Plain memory for results and messages. Returns 0 and sets *memory, or LUNATIK_ERROR_TOTAL_MEMORY
 * or LUNATIK_ERROR_NO_MEMORY. Outside FPU sections; may sleep.
 */
enum lunatik_error engine_host_alloc(unsigned long size, void **memory);
void engine_host_free(void *memory);

/* What a run prints, in pieces that need not be lines. Outside FPU sections; may sleep. */
void engine_host_print(void *owner, const char *text, unsigned long size);

/* The FPU section; not nested. */
void engine_host_fpu_begin(void);
void engine_host_fpu_end(void);

/* Let others run; outside FPU sections. */
void engine_host_relax(void);

/* The lowest address of the current stack. */
unsigned long engine_host_stack_end(void);

/*
 * For kernels with CONFIG_KASAN_STACK: the functions whose frames lie from low up to high, on the
 * current stack, will not return. Both are multiples of 8. Inside or outside FPU sections.
 */
void engine_host_stack_forget(unsigned long low, unsigned long high);

/* The size of the current stack, in bytes. */
unsigned long engine_host_stack_size(void);

unsigned long long engine_host_now(void);      /* monotonic, ns */
unsigned long long engine_host_realtime(void); /* since the epoch, ns */

#endif
