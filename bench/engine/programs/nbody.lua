-- SPDX-License-Identifier: MIT
-- Floats in tables: a sun and four planets (their masses, positions and speeds made up) under gravity.
local sqrt = math.sqrt

local bodies = {
  { x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, mass = 40.0 },
  { x = 5.0, y = -1.0, z = 0.5, vx = 0.6, vy = 2.8, vz = 0.01, mass = 0.04 },
  { x = 8.5, y = 4.0, z = -0.4, vx = -1.0, vy = 1.8, vz = 0.02, mass = 0.012 },
  { x = -13.0, y = -15.0, z = -0.2, vx = 1.1, vy = -0.9, vz = -0.03, mass = 0.0018 },
  { x = -15.5, y = 26.0, z = 0.2, vx = -0.9, vy = -0.6, vz = 0.03, mass = 0.0021 },
}

local function energy()
  local sum = 0.0
  for i = 1, #bodies do
    local a = bodies[i]
    sum = sum + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      sum = sum - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return sum
end

local function advance(dt)
  local count = #bodies
  for i = 1, count do
    local a = bodies[i]
    local ax, ay, az, am = a.x, a.y, a.z, a.mass
    local vx, vy, vz = a.vx, a.vy, a.vz
    for j = i + 1, count do
      local b = bodies[j]
      local dx, dy, dz = ax - b.x, ay - b.y, az - b.z
      local square = dx * dx + dy * dy + dz * dz
      local pull = dt / (square * sqrt(square))
      local bm = b.mass * pull
      vx, vy, vz = vx - dx * bm, vy - dy * bm, vz - dz * bm
      local own = am * pull
      b.vx, b.vy, b.vz = b.vx + dx * own, b.vy + dy * own, b.vz + dz * own
    end
    a.vx, a.vy, a.vz = vx, vy, vz
    a.x, a.y, a.z = ax + dt * vx, ay + dt * vy, az + dt * vz
  end
end

local before = energy()
for _ = 1, 150000 do advance(0.001) end
assert(math.abs(energy() / before - 1) < 1e-3)
