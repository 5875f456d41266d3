-- SPDX-License-Identifier: MIT
-- Functions of a state, for others to call by their dotted names.
area = {}

function area.rectangle(width, height)
	return width * height
end

-- Takes a list of { name, w, h }; returns their names and the sum of their areas.
function summary(shapes)
	local result = { names = {}, total = 0 }
	for i, shape in ipairs(shapes) do
		result.names[i] = shape.name
		result.total = result.total + area.rectangle(shape.w, shape.h)
	end
	return result
end
