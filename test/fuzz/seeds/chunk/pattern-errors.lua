for _, p in ipairs {'%', '[a', '(', ')', '%b', '%f', '%1', '(()', '[%', '[]', ('('):rep(40)} do print(pcall(string.find, 'aaa', p)) end
for w in ('a b c'):gmatch('%a') do if w == 'b' then break end end return pcall(string.gsub, 'x', 'x', '%2')
