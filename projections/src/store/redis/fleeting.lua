-- How far a generation is, the microseconds since 1970, and all rows of a table whose rows do not last; nothing where the
-- generation is not there. ARGV: generation, version, name of the table, counted names.
local base = place(ARGV[1])
local at = base and found_by(base, ARGV[2], 4, #ARGV)
if not at then return false end
local time = redis.call('TIME')
local rows = { at[1], at[2], at[3], at[4], time[1] .. string.format('%06d', tonumber(time[2])) }
local key = base .. ':' .. ARGV[3]
for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
  local row = redis.call('GET', key .. ':' .. id)
  if row then rows[#rows + 1] = row end
end
return rows
