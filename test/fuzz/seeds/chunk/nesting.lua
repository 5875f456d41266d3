local s = 'x' for i = 1, 180 do s = '(' .. s .. ')' end print(load('return ' .. s))
print(load('return ' .. ('{'):rep(190) .. ('}'):rep(190))) print(load(('do '):rep(150) .. ('end '):rep(150))) print(load('return ' .. ('-'):rep(150) .. '1')) print(load('return ' .. ('a .. '):rep(150) .. 'a')) return load(('function() '):rep(99))
