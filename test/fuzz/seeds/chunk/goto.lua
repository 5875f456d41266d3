local i = 0
::top:: i = i + 1
if i < 10 then goto top end
while true do do break end end
do goto e local x ::e:: end
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end ::continue:: end end
return i
