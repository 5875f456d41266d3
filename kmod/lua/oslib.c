// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lua's library os, as far as a state may have it: clock, date, difftime and time. They behave as
 * in user space with TZ=UTC and LC_ALL=C, error messages included (Lua 5.4 manual, 6.9). The
 * kernel knows no time zone, and nothing else of the library has a meaning in it.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#define OSLIB_DAY 86400
#define OSLIB_ERA 146097 /* days in 400 years */

/* Rounded towards minus infinity. b > 0. */
static long long oslib_divide(long long a, long long b)
{
	return a / b - (a % b < 0);
}

static long long oslib_modulo(long long a, long long b)
{
	return a - oslib_divide(a, b) * b;
}

static int oslib_leap(long long year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days before the month (0 to 11) in its year. */
static int oslib_month_start(int month, int leap)
{
	static const short starts[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };

	return starts[month] + (leap && month > 1);
}

/* Days from 1970-01-01 to the first of January of a year. */
static long long oslib_year_start(long long year)
{
	long long before = year - 1;

	return before * 365 + oslib_divide(before, 4) - oslib_divide(before, 100) +
	       oslib_divide(before, 400) - 719162;
}

/* Take seconds since the epoch apart. Returns 0 when the year does not fit. */
static int oslib_split(long long seconds, struct tm *tm)
{
	long long days = oslib_divide(seconds, OSLIB_DAY);
	int rest = (int)oslib_modulo(seconds, OSLIB_DAY);
	long long year;

	/* The mean length of a year finds it, or a neighbour. */
	year = 1970 + oslib_divide(days, OSLIB_ERA) * 400 +
	       oslib_modulo(days, OSLIB_ERA) * 400 / OSLIB_ERA;
	while (oslib_year_start(year) > days)
		year--;
	while (oslib_year_start(year + 1) <= days)
		year++;
	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN)
		return 0;
	tm->tm_sec = rest % 60;
	tm->tm_min = rest / 60 % 60;
	tm->tm_hour = rest / 3600;
	tm->tm_year = (int)(year - 1900);
	tm->tm_yday = (int)(days - oslib_year_start(year));
	for (tm->tm_mon = 0; oslib_month_start(tm->tm_mon + 1, oslib_leap(year)) <= tm->tm_yday;)
		tm->tm_mon++;
	tm->tm_mday = tm->tm_yday - oslib_month_start(tm->tm_mon, oslib_leap(year)) + 1;
	tm->tm_wday = (int)oslib_modulo(days + 4, 7); /* the epoch was a Thursday */
	tm->tm_isdst = 0;
	return 1;
}

/* C's mktime: put together and bring all fields into range. Returns 0 when that cannot be. */
static int oslib_join(struct tm *tm, long long *seconds)
{
	long long year = 1900LL + tm->tm_year + oslib_divide(tm->tm_mon, 12);
	int month = (int)oslib_modulo(tm->tm_mon, 12);
	long long days = oslib_year_start(year) + oslib_month_start(month, oslib_leap(year)) +
			 tm->tm_mday - 1;

	*seconds = days * OSLIB_DAY + tm->tm_hour * 3600LL + tm->tm_min * 60LL + tm->tm_sec;
	if (tm->tm_isdst > 0)
		*seconds -= 3600; /* as glibc takes a summer time that the zone does not have */
	return oslib_split(*seconds, tm);
}

/* --- strftime in the C locale ---------------------------------------------------------------- */

static const char *const oslib_days[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};

static const char *const oslib_months[] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December",
};

/* The week (1 to 53) of ISO 8601 and the year that it belongs to. */
static int oslib_iso_week(const struct tm *tm, long long *year)
{
	int weekday = (tm->tm_wday + 6) % 7; /* Monday is 0 */
	int thursday = tm->tm_yday - weekday + 3; /* a week is of the year of its Thursday */

	*year = 1900LL + tm->tm_year;
	if (thursday < 0) {
		--*year;
		thursday += 365 + oslib_leap(*year);
	} else if (thursday >= 365 + oslib_leap(*year)) {
		thursday -= 365 + oslib_leap(*year);
		++*year;
	}
	return thursday / 7 + 1;
}

static void oslib_format(luaL_Buffer *b, const struct tm *tm, const char *zone, const char *format);

static void oslib_number(luaL_Buffer *b, const char *format, long long value)
{
	char text[24];
	int length = snprintf(text, sizeof(text), format, value);

	luaL_addlstring(b, text, (size_t)length);
}

/* One conversion; C99 7.23.3.5 says what each letter stands for. */
static void oslib_conversion(luaL_Buffer *b, const struct tm *tm, const char *zone, char letter)
{
	long long year = 1900LL + tm->tm_year, iso_year;
	int hour12 = (tm->tm_hour + 11) % 12 + 1;

	switch (letter) {
	case 'a':
		luaL_addlstring(b, oslib_days[tm->tm_wday], 3);
		break;
	case 'A':
		luaL_addstring(b, oslib_days[tm->tm_wday]);
		break;
	case 'b':
	case 'h':
		luaL_addlstring(b, oslib_months[tm->tm_mon], 3);
		break;
	case 'B':
		luaL_addstring(b, oslib_months[tm->tm_mon]);
		break;
	case 'c':
		oslib_format(b, tm, zone, "%a %b %e %H:%M:%S %Y");
		break;
	case 'C':
		oslib_number(b, "%lld", oslib_divide(year, 100));
		break;
	case 'd':
		oslib_number(b, "%02lld", tm->tm_mday);
		break;
	case 'D':
	case 'x':
		oslib_format(b, tm, zone, "%m/%d/%y");
		break;
	case 'e':
		oslib_number(b, "%2lld", tm->tm_mday);
		break;
	case 'F':
		oslib_format(b, tm, zone, "%Y-%m-%d");
		break;
	case 'g':
		oslib_iso_week(tm, &iso_year);
		oslib_number(b, "%02lld", oslib_modulo(iso_year, 100));
		break;
	case 'G':
		oslib_iso_week(tm, &iso_year);
		oslib_number(b, "%lld", iso_year);
		break;
	case 'H':
		oslib_number(b, "%02lld", tm->tm_hour);
		break;
	case 'I':
		oslib_number(b, "%02lld", hour12);
		break;
	case 'j':
		oslib_number(b, "%03lld", tm->tm_yday + 1);
		break;
	case 'm':
		oslib_number(b, "%02lld", tm->tm_mon + 1);
		break;
	case 'M':
		oslib_number(b, "%02lld", tm->tm_min);
		break;
	case 'n':
		luaL_addchar(b, '\n');
		break;
	case 'p':
		luaL_addstring(b, tm->tm_hour < 12 ? "AM" : "PM");
		break;
	case 'r':
		oslib_format(b, tm, zone, "%I:%M:%S %p");
		break;
	case 'R':
		oslib_format(b, tm, zone, "%H:%M");
		break;
	case 'S':
		oslib_number(b, "%02lld", tm->tm_sec);
		break;
	case 't':
		luaL_addchar(b, '\t');
		break;
	case 'T':
	case 'X':
		oslib_format(b, tm, zone, "%H:%M:%S");
		break;
	case 'u':
		oslib_number(b, "%lld", (tm->tm_wday + 6) % 7 + 1);
		break;
	case 'U':
		oslib_number(b, "%02lld", (tm->tm_yday + 7 - tm->tm_wday) / 7);
		break;
	case 'V':
		oslib_number(b, "%02lld", oslib_iso_week(tm, &iso_year));
		break;
	case 'w':
		oslib_number(b, "%lld", tm->tm_wday);
		break;
	case 'W':
		oslib_number(b, "%02lld", (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7);
		break;
	case 'y':
		oslib_number(b, "%02lld", oslib_modulo(year, 100));
		break;
	case 'Y':
		oslib_number(b, "%lld", year);
		break;
	case 'z':
		luaL_addstring(b, "+0000");
		break;
	case 'Z':
		luaL_addstring(b, zone);
		break;
	default: /* '%' */
		luaL_addchar(b, letter);
	}
}

/* A format of our own: plain letters only. */
static void oslib_format(luaL_Buffer *b, const struct tm *tm, const char *zone, const char *format)
{
	for (; *format; format++) {
		if (*format == '%')
			oslib_conversion(b, tm, zone, *++format);
		else
			luaL_addchar(b, *format);
	}
}

/*
 * The conversions that Lua accepts: those of C99. E and O, which ask for another locale's form,
 * change nothing in the C locale. Returns the letter, and moves *format behind the conversion;
 * raises an error for any other.
 */
static char oslib_check_conversion(lua_State *L, const char **format, const char *end)
{
	static const char plain[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
	static const char with_e[] = "cCxXyY", with_o[] = "deHImMSuUVwWy";
	const char *s = *format;
	const char *letters = plain;

	if (end - s >= 2 && (*s == 'E' || *s == 'O'))
		letters = *s++ == 'E' ? with_e : with_o;
	if (s == end || !*s || !strchr(letters, *s))
		luaL_argerror(L, 1, lua_pushfstring(L, "invalid conversion specifier '%%%s'",
						    *format));
	*format = s + 1;
	return *s;
}

/* --- the functions --------------------------------------------------------------------------- */

static void oslib_set_field(lua_State *L, const char *name, long long value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, name);
}

/* Set the fields of a time in the table on top of the stack. */
static void oslib_set_fields(lua_State *L, const struct tm *tm)
{
	oslib_set_field(L, "year", 1900LL + tm->tm_year);
	oslib_set_field(L, "month", tm->tm_mon + 1LL);
	oslib_set_field(L, "day", tm->tm_mday);
	oslib_set_field(L, "hour", tm->tm_hour);
	oslib_set_field(L, "min", tm->tm_min);
	oslib_set_field(L, "sec", tm->tm_sec);
	oslib_set_field(L, "yday", tm->tm_yday + 1LL);
	oslib_set_field(L, "wday", tm->tm_wday + 1LL);
	if (tm->tm_isdst >= 0) {
		lua_pushboolean(L, tm->tm_isdst);
		lua_setfield(L, -2, "isdst");
	}
}

/*
 * A field of the table on top of the stack, less `offset`; `missing`, when there is none, unless
 * that is negative. Raises an error when it is not an integer or does not fit an int.
 */
static int oslib_get_field(lua_State *L, const char *name, int missing, int offset)
{
	int type = lua_getfield(L, -1, name);
	int is_integer;
	lua_Integer value = lua_tointegerx(L, -1, &is_integer);

	if (is_integer) {
		if (value >= 0 ? value - offset > INT_MAX : value < INT_MIN + (lua_Integer)offset)
			return luaL_error(L, "field '%s' is out-of-bound", name);
		value -= offset;
	} else if (type != LUA_TNIL) {
		return luaL_error(L, "field '%s' is not an integer", name);
	} else if (missing < 0) {
		return luaL_error(L, "field '%s' missing in date table", name);
	} else {
		value = missing;
	}
	lua_pop(L, 1);
	return (int)value;
}

static int oslib_get_flag(lua_State *L, const char *name)
{
	int flag = lua_getfield(L, -1, name) == LUA_TNIL ? -1 : lua_toboolean(L, -1);

	lua_pop(L, 1);
	return flag;
}

/* os.clock(): seconds that the runs of this state have taken so far. */
static int os_clock(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)(engine_run_time(L) / 1000) / 1e6);
	return 1;
}

/* os.date([format [, time]]): a table or a text. */
static int os_date(lua_State *L)
{
	size_t size;
	const char *s = luaL_optlstring(L, 1, "%c", &size);
	long long seconds = lua_isnoneornil(L, 2) ? time(NULL) : luaL_checkinteger(L, 2);
	const char *end = s + size;
	const char *zone = "UTC"; /* what localtime calls it */
	struct tm tm;
	luaL_Buffer b;

	if (*s == '!') {
		zone = "GMT"; /* what gmtime calls it */
		s++;
	}
	if (!oslib_split(seconds, &tm))
		return luaL_error(L, "date result cannot be represented in this installation");
	if (strcmp(s, "*t") == 0) {
		lua_createtable(L, 0, 9);
		oslib_set_fields(L, &tm);
		return 1;
	}
	luaL_buffinit(L, &b);
	while (s < end) {
		char c = *s++;

		luai_charge(L, c == '%' || !((end - s) & 63), (void)0);
		if (c == '%')
			oslib_conversion(&b, &tm, zone, oslib_check_conversion(L, &s, end));
		else
			luaL_addchar(&b, c);
	}
	luaL_pushresult(&b);
	return 1;
}

/* os.time([table]): seconds since the epoch; the table's fields are brought into range. */
static int os_time(lua_State *L)
{
	long long seconds;

	if (lua_isnoneornil(L, 1)) {
		seconds = time(NULL);
	} else {
		struct tm tm = { 0 };
		int fits;

		luaL_checktype(L, 1, LUA_TTABLE);
		lua_settop(L, 1);
		tm.tm_year = oslib_get_field(L, "year", -1, 1900);
		tm.tm_mon = oslib_get_field(L, "month", -1, 1);
		tm.tm_mday = oslib_get_field(L, "day", -1, 0);
		tm.tm_hour = oslib_get_field(L, "hour", 12, 0);
		tm.tm_min = oslib_get_field(L, "min", 0, 0);
		tm.tm_sec = oslib_get_field(L, "sec", 0, 0);
		tm.tm_isdst = oslib_get_flag(L, "isdst");
		fits = oslib_join(&tm, &seconds);
		oslib_set_fields(L, &tm);
		/* -1 is C's way to say that there is no such time; Lua cannot tell it apart. */
		if (!fits || seconds == -1)
			return luaL_error(
				L, "time result cannot be represented in this installation");
	}
	lua_pushinteger(L, seconds);
	return 1;
}

/* os.difftime(a, b): a - b as a float. */
static int os_difftime(lua_State *L)
{
	lua_Integer a = luaL_checkinteger(L, 1);
	lua_Integer b = luaL_checkinteger(L, 2);

	if (a >= b)
		lua_pushnumber(L, (lua_Number)((lua_Unsigned)a - (lua_Unsigned)b));
	else
		lua_pushnumber(L, -(lua_Number)((lua_Unsigned)b - (lua_Unsigned)a));
	return 1;
}

static const luaL_Reg oslib_functions[] = {
	{ "clock", os_clock },
	{ "date", os_date },
	{ "difftime", os_difftime },
	{ "time", os_time },
	{ NULL, NULL },
};

LUAMOD_API int luaopen_os(lua_State *L)
{
	luaL_newlib(L, oslib_functions);
	return 1;
}
