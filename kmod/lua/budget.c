// SPDX-License-Identifier: GPL-2.0 OR MIT
/* See budget.h. */

#define BUDGET_POLL_STEPS 1000         /* from one poll to the next */
#define BUDGET_SLICE 200000            /* ns in one FPU section */
#define BUDGET_ENDLESS (1LL << 62)     /* no poll ever */
#define BUDGET_NOTING 256              /* polls that a traceback may take, after the run's own */

static int budget_is_spent(const lua_State *L)
{
	return engine_of(L)->budget.spent != 0;
}

static unsigned long long budget_steps(const lua_State *L)
{
	const struct budget *budget = &engine_of(L)->budget;
	unsigned long long steps = budget->granted - G(L)->steps;

	return steps < budget->most ? steps : budget->most;
}

/* Grant the steps up to the next poll, given those taken. */
static void budget_grant(lua_State *L, struct budget *budget, unsigned long long taken)
{
	unsigned long long left = budget->most - taken;

	G(L)->steps = left < BUDGET_POLL_STEPS ? left : BUDGET_POLL_STEPS;
	budget->granted = taken + G(L)->steps;
}

static void budget_start(lua_State *L, const struct engine_run *run)
{
	struct budget *budget = &engine_of(L)->budget;

	memset(budget, 0, sizeof(*budget));
	if (!run) {
		G(L)->steps = BUDGET_ENDLESS;
		G(L)->cstack = engine_host_stack_end() + CSTACK_ROOM;
		return;
	}
	budget->began = engine_host_now();
	budget->most = run->limits.steps;
	budget->deadline = budget->began + run->limits.time;
	if (budget->deadline < budget->began)
		budget->deadline = ~0ULL;
	budget->cancel = &run->cancel;
	G(L)->cstack = engine_host_stack_end() + CSTACK_ROOM;
	budget_grant(L, budget, 0);
}

/* Look at everything; true when something is spent. */
static int budget_check(lua_State *L)
{
	struct budget *budget = &engine_of(L)->budget;
	struct section *section = &engine_of(L)->heap.section;
	unsigned long long taken = budget->granted - G(L)->steps;
	unsigned long long now;

	if (!budget->cancel) { /* no run */
		G(L)->steps = BUDGET_ENDLESS;
		return 0;
	}
	now = engine_host_now();
	if (now - section->began >= BUDGET_SLICE)
		section_relax(section);
	if (budget->noting) {
		if (budget->noting > BUDGET_NOTING) {
			G(L)->steps = 0; /* no traceback, then */
			return 1;
		}
		if (G(L)->steps < 0) { /* a collection looks more often */
			budget->noting++;
			G(L)->steps = BUDGET_POLL_STEPS;
		}
		return 0;
	}
	if (budget->spent)
		return 1;
	if (taken > budget->most) {
		budget->spent = LUNATIK_ERROR_STEPS;
		taken = budget->most;
	} else if (*(const volatile int *)budget->cancel) {
		budget->spent = LUNATIK_ERROR_CANCELLED;
	} else if (now >= budget->deadline) {
		budget->spent = LUNATIK_ERROR_TIME;
	}
	if (budget->spent) {
		budget->granted = taken;
		G(L)->steps = 0; /* every further step polls, and fails */
		return 1;
	}
	budget_grant(L, budget, taken);
	return 0;
}

static void budget_poll_quietly(lua_State *L)
{
	budget_check(L);
}

static const char *budget_text(enum lunatik_error spent)
{
	switch (spent) {
	case LUNATIK_ERROR_STEPS:
		return "the step budget is spent";
	case LUNATIK_ERROR_TIME:
		return "the deadline has passed";
	default:
		return "the run was cancelled";
	}
}

static void budget_traceback(lua_State *L, void *unused)
{
	(void)unused;
	luaD_checkstack(L, LUA_MINSTACK);
	L->ci->top.p = L->top.p + LUA_MINSTACK; /* this call of Lua will not go on */
	engine_keep_traceback(L, 0);
}

/* Note where the run was; the first time, since what is thrown again is already unwinding. */
static __attribute__((noinline)) void budget_note(lua_State *L, struct engine *engine)
{
	lua_Debug place;
	int level;

	engine->message[0] = '\0';
	for (level = 0; lua_getstack(L, level, &place); level++) {
		lua_getinfo(L, "Sl", &place);
		if (place.currentline > 0) {
			snprintf(engine->message, sizeof(engine->message), "%s:%d: %s",
				 place.short_src, place.currentline,
				 budget_text(engine->budget.spent));
			break;
		}
	}
	if (!engine->message[0])
		snprintf(engine->message, sizeof(engine->message), "%s",
			 budget_text(engine->budget.spent));
	if (engine->run && !luai_stackout(L)) {
		lu_byte stopped = G(L)->gcstp;

		G(L)->gcstp |= GCSTPGC; /* a step of the collector would call finalizers */
		engine->budget.noting = 1;
		G(L)->steps = BUDGET_POLL_STEPS;
		luaD_rawrunprotected(L, budget_traceback, NULL); /* none without memory, or if it takes long */
		engine->budget.noting = 0;
		G(L)->steps = 0;
		G(L)->gcstp = stopped;
	}
}

static void budget_poll(lua_State *L)
{
	struct engine *engine = engine_of(L);

	if (!budget_check(L))
		return;
	if (!engine->message[0])
		budget_note(L, engine);
	luaD_throw(L, LUA_ERRSPENT);
}

/*
 * remarkupvals() takes the threads that nothing has marked so far out of the list of those with open
 * upvalues, and counts on this very cycle to free them or to put them back. One that lives on has to
 * be in it: what its upvalues refer to is marked through the list only.
 */
static void budget_relink_threads(global_State *g)
{
	GCObject *o;

	for (o = g->allgc; o; o = o->next) {
		lua_State *thread;

		luai_work(g, 1);
		if (o->tt != LUA_VTHREAD)
			continue;
		thread = gco2th(o);
		if (thread->openupval && !isintwups(thread)) {
			thread->twups = g->twups;
			g->twups = thread;
		}
	}
}

/*
 * After a collection was given up: if that was while it decided what is garbage, before anything was
 * freed, everything counts as not looked at again. A state in generational mode stays in it: with
 * lastatomic set, its next step is a whole collection, which goes back to young ones if it marks
 * little more than that.
 */
static void budget_collector_reset(lua_State *L)
{
	global_State *g = G(L);
	lu_mem marked = g->lastatomic;
	int generational = isdecGCmodegen(g);

	g->gcemergency = 0;
	g->gcstopem = 0;
	if (g->gcstate != GCSatomic)
		return;
	enterinc(g);
	budget_relink_threads(g);
	if (generational)
		g->lastatomic = marked ? marked : LUAI_MARKED_ANY;
}

static void budget_poll_collecting(lua_State *L)
{
	if (!budget_check(L))
		return;
	if (G(L)->gcemergency)
		luaD_throw(L, LUA_ERRSPENT); /* to budget_collect() */
	budget_collector_reset(L);
	budget_poll(L);
}

static void budget_collect_body(lua_State *L, void *unused)
{
	(void)unused;
	luaC_fullgc(L, 1);
}

static void budget_collect(lua_State *L)
{
	if (luaD_rawrunprotected(L, budget_collect_body, NULL) != LUA_OK)
		budget_collector_reset(L);
}

static int budget_free_box(lua_State *L, const TValue *object)
{
	const TValue *finalizer;
	UBox *box;

	if (!ttisfulluserdata(object) || uvalue(object)->len != sizeof(*box))
		return 0;
	finalizer = luaT_gettmbyobj(L, object, TM_GC);
	if (!ttislcf(finalizer) || fvalue(finalizer) != boxgc)
		return 0;
	box = (UBox *)getudatamem(uvalue(object));
	luaM_free_(L, box->box, box->bsize);
	box->box = NULL;
	box->bsize = 0;
	return 1;
}

static void budget_drop_finalizers(lua_State *L)
{
	global_State *g = G(L);
	TValue object;

	while (g->tobefnz) {
		luai_work(g, 1);
		setgcovalue(L, &object, udata2finalize(g));
		budget_free_box(L, &object);
	}
}
