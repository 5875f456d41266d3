// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The states of engine.h. Everything that may raise an error runs below the one protected call of
 * run_protected(), inside an FPU section; what leaves the section (getting pages, printing, keeping
 * something for the caller) enters it again before it touches Lua.
 */

/*
 * A slot of Lua's stack for so many bytes of the state's memory: a recursion takes 16 bytes a slot,
 * as much again while the stack grows, and 64 a call.
 */
#define ENGINE_STACK_SHARE 160

const char engine_lua_version[] = LUA_RELEASE;

/* --- what Lua's sources ask for -------------------------------------------------------------- */

static unsigned long long engine_random(struct engine *engine)
{
	engine->random += 0x9e3779b97f4a7c15ULL;
	return hide_mix(engine->random);
}

/* Lua calls this first of all, so the global state gets what it needs here. */
static unsigned int engine_seed(lua_State *L)
{
	budget_start(L, NULL);
	G(L)->cstackerror = 0;
	return engine_random(engine_of(L));
}

/* Bytes between two looks at the budget. */
#define PRINT_PIECE 16384

/* The text lies on Lua's stack, so nothing is lost when the budget ends the run in the middle. */
static void engine_print(lua_State *L, const char *text, size_t size)
{
	struct heap *heap = &engine_of(L)->heap;
	size_t piece;

	do {
		piece = size < PRINT_PIECE ? size : PRINT_PIECE;
		luai_charge(L, 1 + piece / 64, (void)0);
		section_leave(&heap->section);
		engine_host_print(heap->owner, text, piece);
		section_enter(&heap->section);
		text += piece;
		size -= piece;
	} while (size);
}

static unsigned long long engine_run_time(lua_State *L)
{
	struct engine *engine = engine_of(L);

	if (!engine->run)
		return engine->run_time;
	return engine->run_time + engine_host_now() - engine->budget.began;
}

/* The number in decimal, ended by a NUL, in at most 21 bytes; returns its length. */
static int engine_integer_text(char *to, long long number)
{
	unsigned long long rest = number < 0 ? 0 - (unsigned long long)number : number;
	char digits[20];
	int count = 0, length = 0;

	do {
		digits[count++] = '0' + rest % 10;
		rest /= 10;
	} while (rest);
	if (number < 0)
		to[length++] = '-';
	while (count)
		to[length++] = digits[--count];
	to[length] = '\0';
	return length;
}

static void *engine_allocate(void *heap, void *block, size_t old_size, size_t new_size)
{
	return heap_resize(heap, block, old_size, new_size);
}

/* --- keeping things for the caller ----------------------------------------------------------- */

/* A message or a traceback. The copy is on nobody's account, so it is cut to what anybody is told. */
static void engine_keep(lua_State *L, struct engine_bytes *kept, const char *data,
			unsigned long size)
{
	struct section *section = &engine_of(L)->heap.section;
	void *copy = NULL;

	if (size > ENGINE_TEXT_MAX)
		size = ENGINE_TEXT_MAX;
	section_leave(section);
	engine_host_free(kept->data);
	if (!engine_host_alloc(size ? size : 1, &copy) && size)
		memcpy(copy, data, size);
	section_enter(section);
	kept->data = copy;
	kept->size = copy ? size : 0;
}

static void engine_keep_traceback(lua_State *L, int level)
{
	size_t size;
	const char *text;

	luaL_traceback(L, L, NULL, level);
	text = lua_tolstring(L, -1, &size);
	engine_keep(L, &engine_of(L)->run->traceback, text, size);
	lua_pop(L, 1);
}

/* --- opening --------------------------------------------------------------------------------- */

static int engine_open_debug(lua_State *L)
{
	luaL_newlib(L, dblib);
	return 1;
}

static const struct {
	unsigned int bit;
	const char *name;
	lua_CFunction open;
} engine_libraries[] = {
	{0, LUA_GNAME, luaopen_base},
	{LUNATIK_LIBRARY_COROUTINE, LUA_COLIBNAME, luaopen_coroutine},
	{LUNATIK_LIBRARY_STRING, LUA_STRLIBNAME, luaopen_string},
	{LUNATIK_LIBRARY_TABLE, LUA_TABLIBNAME, luaopen_table},
	{LUNATIK_LIBRARY_MATH, LUA_MATHLIBNAME, luaopen_math},
	{LUNATIK_LIBRARY_UTF8, LUA_UTF8LIBNAME, luaopen_utf8},
	{LUNATIK_LIBRARY_OS, LUA_OSLIBNAME, luaopen_os},
	{LUNATIK_LIBRARY_DEBUG, LUA_DBLIBNAME, engine_open_debug},
};

static int engine_open_libraries(lua_State *L)
{
	unsigned int libraries = *(const unsigned int *)lua_touserdata(L, 1);
	unsigned int i;

	for (i = 0; i < sizeof(engine_libraries) / sizeof(engine_libraries[0]); i++) {
		if (engine_libraries[i].bit && !(libraries & engine_libraries[i].bit))
			continue;
		luaL_requiref(L, engine_libraries[i].name, engine_libraries[i].open, 1);
		lua_pop(L, 1);
	}
	/*
	 * The metatable of buffers' boxes: made by the first one that needs it, but registered before
	 * it is filled, so that without memory at that moment no buffer would ever work again.
	 */
	newbox(L);
	lua_pop(L, 1);
	lua_gc(L, LUA_GCCOLLECT, 0);
	return 0;
}

/*
 * A kernel's stack is aligned to 8 bytes only; the unit is compiled for 16, so its entries see to
 * that.
 */
#if defined(__x86_64__)
#define ENGINE_ENTRY __attribute__((force_align_arg_pointer))
#else
#define ENGINE_ENTRY
#endif

ENGINE_ENTRY enum lunatik_error engine_open(const struct engine_setup *setup, lua_State **L)
{
	struct engine *engine;
	struct heap *heap;
	unsigned int libraries = setup->libraries;
	lua_State *opened;
	enum lunatik_error error;

	error = heap_new(setup->owner, setup->memory, sizeof(*engine) - sizeof(*heap), &heap);
	if (error)
		return error;
	engine = (struct engine *)heap;
	engine->random = setup->seed;
	engine->hide_key = engine_random(engine);
	engine->stack_most = setup->memory / ENGINE_STACK_SHARE < LUAI_MAXSTACK
				     ? setup->memory / ENGINE_STACK_SHARE
				     : LUAI_MAXSTACK;
	section_enter(&heap->section);
	opened = lua_newstate(engine_allocate, engine);
	if (opened) {
		lua_setwarnf(opened, warnfoff, opened);
		lua_pushcfunction(opened, engine_open_libraries);
		lua_pushlightuserdata(opened, &libraries);
		if (lua_pcall(opened, 1, 0, 0) != LUA_OK)
			opened = NULL;
	}
	section_leave(&heap->section);
	if (!opened) {
		error = heap->refused ? heap->refused : LUNATIK_ERROR_MEMORY;
		heap_delete(heap);
		return error;
	}
	heap->run_peak = heap->used;
	*L = opened;
	return 0;
}

/* --- running --------------------------------------------------------------------------------- */

/*
 * The handler of a run's errors: the message as lua5.4 shows it, and the traceback. A script may
 * get hold of it through debug.getinfo; calling it does nothing worse than making a traceback.
 */
static int run_message(lua_State *L)
{
	struct engine *engine = engine_of(L);

	lua_settop(L, 1);
	if (engine->error)
		return 1;
	if (!lua_tostring(L, 1)) {
		if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
			return 1;
		lua_settop(L, 1);
		lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
	}
	if (engine->run)
		engine_keep_traceback(L, 1);
	return 1;
}

/* Push the function that the chunk is, or raise an error. */
static void run_load(lua_State *L, struct engine *engine, const struct engine_run *run)
{
	const char *name = run->chunk_name ? run->chunk_name : "=chunk";
	const char *code = run->code.size ? run->code.data : "";
	int status;

	engine->error = *code == LUA_SIGNATURE[0] ? LUNATIK_ERROR_BYTECODE : LUNATIK_ERROR_SYNTAX;
	status = luaL_loadbufferx(L, code, run->code.size, name, "t");
	if (status != LUA_OK) {
		if (status == LUA_ERRMEM)
			engine->error = 0;
		lua_error(L);
	}
	engine->error = 0;
}

/* Push the function with the dotted name, or raise an error. */
static void run_find(lua_State *L, struct engine *engine, const char *name)
{
	const char *part = name;

	lua_pushglobaltable(L);
	for (;;) {
		const char *dot = strchr(part, '.');
		size_t size = dot ? (size_t)(dot - part) : strlen(part);
		int type = lua_type(L, -1);

		if (type != LUA_TTABLE && !luaL_getmetafield(L, -1, "__index"))
			break;
		lua_settop(L, 1);
		lua_pushlstring(L, part, size);
		lua_gettable(L, -2);
		lua_replace(L, 1);
		if (!dot) {
			if (lua_isfunction(L, 1))
				return;
			if (luaL_getmetafield(L, 1, "__call")) {
				lua_settop(L, 1);
				return;
			}
			break;
		}
		part = dot + 1;
	}
	engine->error = LUNATIK_ERROR_NO_FUNCTION;
	luaL_error(L, "no function is named '%s'", name);
}

/* After the chunk or the function: its results are all there is on the stack. */
static int run_finish(lua_State *L, int status, lua_KContext context)
{
	struct engine_run *run = engine_of(L)->run;

	value_encode(L, 1, &run->results, run->results_max);
	return 0;
}

/*
 * All of a run that may raise an error. What it calls has a continuation, as everything has that
 * luaD_runmain() runs.
 */
static int run_body(lua_State *L)
{
	struct engine *engine = engine_of(L);
	struct engine_run *run = engine->run;
	int count;

	if (!run || engine->entered)
		return luaL_error(L, "a run cannot be started from inside");
	engine->entered = 1;
	lua_settop(L, 0);
	if (run->function)
		run_find(L, engine, run->function);
	else
		run_load(L, engine, run);
	count = value_decode(L, &run->arguments);
	lua_callk(L, count, LUA_MULTRET, 0, run_finish);
	return run_finish(L, LUA_OK, 0);
}

/* What a status of Lua's means to the caller. */
static enum lunatik_error run_error(const struct engine *engine, int status)
{
	switch (status) {
	case LUA_OK:
		return 0;
	case LUA_ERRSPENT:
		return engine->budget.spent;
	case LUA_ERRMEM:
		return engine->heap.refused ? engine->heap.refused : LUNATIK_ERROR_MEMORY;
	default:
		return engine->error ? engine->error : LUNATIK_ERROR_RUNTIME;
	}
}

static void run_drop(struct section *section, struct engine_bytes *bytes)
{
	section_leave(section);
	engine_host_free(bytes->data);
	section_enter(section);
	bytes->data = NULL;
	bytes->size = 0;
}

/* Keep the message of a failed run; nothing here may raise an error. */
static void run_keep_message(lua_State *L, struct engine *engine, int status)
{
	const char *text = "(error object is not a string)";
	size_t size;

	if (status == LUA_ERRSPENT)
		text = engine->message;
	else if (lua_type(L, -1) == LUA_TSTRING) {
		text = lua_tolstring(L, -1, &size);
		engine_keep(L, &engine->run->message, text, size);
		return;
	}
	engine_keep(L, &engine->run->message, text, strlen(text));
}

/* Run a C function of ours under the run's limits; returns Lua's status. */
static int run_protected(lua_State *L, struct engine_run *run, lua_CFunction body)
{
	struct engine *engine = engine_of(L);
	size_t stack_end = engine_host_stack_end(), stack_top = stack_end + engine_host_stack_size();
	size_t lowest;
	int status;

	cstack_clear(stack_end);
	engine->run = run;
	engine->entered = 0;
	engine->error = 0;
	engine->message[0] = '\0';
	engine->heap.refused = 0;
	engine->heap.limit = run->limits.memory < engine->heap.most ? run->limits.memory
								    : engine->heap.most;
	engine->heap.run_peak = engine->heap.used;
	section_enter(&engine->heap.section);
	budget_start(L, run);
	lua_pushcfunction(L, run_message);
	lua_pushcfunction(L, body);
	status = luaD_runmain(L, 0, savestack(L, L->top.p - 2));
	run->steps = budget_steps(L);
	run->error = run_error(engine, status);
	if (status == LUA_OK) {
		run_drop(&engine->heap.section, &run->traceback);
	} else {
		run_drop(&engine->heap.section, &run->results);
		run_keep_message(L, engine, status);
	}
	if (status == LUA_ERRMEM && run->error != LUNATIK_ERROR_NO_MEMORY)
		budget_drop_finalizers(L); /* there may never be the memory to call them */
	lua_settop(L, 0);
	run->time = engine_host_now() - engine->budget.began;
	engine->run_time += run->time;
	engine->run = NULL;
	budget_start(L, NULL);
	heap_trim(&engine->heap);
	section_leave(&engine->heap.section);
	lowest = cstack_lowest(stack_end, stack_top - engine->stack_deepest);
	engine->stack_deepest = stack_top - lowest;
	run->memory = engine->heap.used;
	run->memory_peak = engine->heap.run_peak;
	return status;
}

ENGINE_ENTRY void engine_run(lua_State *L, struct engine_run *run)
{
	run_protected(L, run, run_body);
}

/* --- closing --------------------------------------------------------------------------------- */

/* As the first part of luaC_freeallobjects(); the heap goes as a whole afterwards. */
static int close_body(lua_State *L)
{
	struct engine *engine = engine_of(L);
	global_State *g = G(L);

	if (!engine->run || engine->entered)
		return luaL_error(L, "a state cannot be closed from inside");
	engine->entered = 1;
	g->gcstp = GCSTPCLS; /* no finalizers but those there are */
	luaC_changemode(L, KGC_INC);
	separatetobefnz(g, 1);
	callallpendingfinalizers(L);
	return 0;
}

ENGINE_ENTRY void engine_close(lua_State *L, struct engine_run *run)
{
	struct engine *engine = engine_of(L);

	run_protected(L, run, close_body);
	heap_delete(&engine->heap);
}

/* --- from outside ---------------------------------------------------------------------------- */

void engine_cancel(struct engine_run *run)
{
	*(volatile int *)&run->cancel = 1;
}

unsigned long long engine_memory(const lua_State *L)
{
	return *(const volatile unsigned long long *)&engine_of(L)->heap.used;
}

unsigned long long engine_memory_peak(const lua_State *L)
{
	return *(const volatile unsigned long long *)&engine_of(L)->heap.peak;
}

unsigned long long engine_section_longest(const lua_State *L)
{
	return *(const volatile unsigned long long *)&engine_of(L)->heap.section.longest;
}

unsigned long engine_stack_deepest(const lua_State *L)
{
	return *(const volatile unsigned long *)&engine_of(L)->stack_deepest;
}
