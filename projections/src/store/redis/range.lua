-- How far a generation is, and rows that last; nothing where the generation is not there. ARGV: generation, version, name of
-- the rows, name of an order or an index, from, to, how many at most (-1: all), how many bytes stand before the key there,
-- counted names.
local base = place(ARGV[1])
local at = base and found_by(base, ARGV[2], 9, #ARGV)
if not at then return false end
local found = redis.call('ZRANGEBYLEX', base .. ':' .. ARGV[4], ARGV[5], ARGV[6], 'LIMIT', 0, ARGV[7])
local first, rows = tonumber(ARGV[8]) + 1, { at[1], at[2], at[3], at[4] }
for i = 1, #found do
  local row = redis.call('HGET', base .. ':' .. ARGV[3], string.sub(found[i], first))
  if row then rows[#rows + 1] = row end
end
return rows
