-- What every other script here begins with.
--
-- KEYS[1] is a hash: which generation of a view has which number, and which number was given last. What belongs to a
-- number is called KEYS[1] .. ':' .. number, with more behind it.

-- What the keys of a generation begin with, and its number.
local function place(generation)
  local number = redis.pcall('HGET', KEYS[1], generation)
  if type(number) ~= 'string' then return nil end
  return KEYS[1] .. ':' .. number, number
end

-- How much there is behind each of the names ARGV[first] to ARGV[last].
local function counts(base, first, last)
  local found = {}
  for i = first, last do
    local count = string.sub(ARGV[i], 1, 2) == 'r:' and 'HLEN' or 'ZCARD'
    local entries = redis.pcall(count, base .. ':' .. ARGV[i])
    found[#found + 1] = type(entries) == 'number' and entries or -1
  end
  return table.concat(found, ',')
end

-- Log, version, position and rate, whatever else is there.
local function reached(base)
  local found = redis.pcall('HMGET', base, 'log', 'version', 'position', 'rate', 'counts', 'torn')
  if found.err or not (found[1] and found[2] and found[3] and found[4]) then return nil end
  return found
end

-- The same, where everything is there that was there after the last batch.
local function checkpoint(base, first, last)
  local found = reached(base)
  if not found or found[6] or found[5] ~= counts(base, first, last) then return nil end
  return found
end

-- The same, for whoever knows what is to be counted in this version; of another one nobody can say.
local function found_by(base, version, first, last)
  local found = reached(base)
  if found and found[2] == version then return checkpoint(base, first, last) end
  return found
end
