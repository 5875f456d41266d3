local function f(a, ...) local i = debug.getinfo(1, 'nSlutfrL') return i.name, i.short_src, i.currentline, i.nparams, i.isvararg, i.what, i.ftransfer end
local i = debug.getinfo(print) local c = coroutine.create(f)
return f(1), i.what, debug.getinfo(c, 0), debug.getinfo(99), debug.traceback(c), debug.traceback('m', 0), debug.traceback({}), pcall(debug.getinfo, 1, 'X'), debug.getinfo(1, 'f').func
