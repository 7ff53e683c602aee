-- How far a generation is. ARGV: generation, version, counted names.
local base = place(ARGV[1])
local found = base and found_by(base, ARGV[2], 3, #ARGV)
return found and { found[1], found[2], found[3], found[4] } or false
