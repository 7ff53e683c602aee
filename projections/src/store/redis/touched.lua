-- The number of a generation, and rows a batch touches; nothing where the batch does not follow.
-- ARGV: generation, log, version, position before the batch, how many counted names, these names; then again and again a
-- name of rows, how many keys, these keys. One that was lost before its time is '!' and when it would have been over.
local base, number = place(ARGV[1])
local last = 5 + tonumber(ARGV[5])
local found = base and checkpoint(base, 6, last)
if not found or found[1] ~= ARGV[2] or found[2] ~= ARGV[3] or found[3] ~= ARGV[4] then return false end
local rows, i = { number }, last + 1
while i <= #ARGV do
  local key, upto = base .. ':' .. ARGV[i], i + 1 + tonumber(ARGV[i + 1])
  local lasts = string.sub(ARGV[i], 1, 2) == 'r:'
  for j = i + 2, upto do
    local row
    if lasts then
      row = redis.call('HGET', key, ARGV[j])
    else
      local over = redis.call('ZSCORE', key, ARGV[j])
      row = over and (redis.call('GET', key .. ':' .. ARGV[j]) or '!' .. over)
    end
    rows[#rows + 1] = row or false
  end
  i = upto + 1
end
return rows
