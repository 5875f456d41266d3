local t = table.pack(1, nil, 3) table.insert(t, 1, 0) table.insert(t, 'e') t[1.0] = 9 t[-0.0] = 1 t[2^53] = 2
return #t, t.n, table.concat({1, 2, 'x'}, ', '), table.unpack({1, 2, 3}, 2), table.remove(t, 1), table.move({1, 2, 3}, 1, 3, 2), next({}), rawlen(t), pcall(table.concat, {{}}), pcall(table.unpack, {}, 1, 1e7), select(-1, 1, 2), pcall(next, {}, 1), pcall(rawset, {}, nil, 1)
