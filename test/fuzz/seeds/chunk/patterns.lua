local s = 'the quick (brown) fox = 42; THE'
return s:find('(%a+) (%a+)'), s:match('%b()'), s:gsub('%f[%w]%w+', string.upper), s:gsub('%w+', {the = 'a'}), s:gsub('o', '%0%0', 1), s:find('.-(%d+)()'), ('x'):rep(20):find('.-.-.-y'), s:find('fox', 1, true)
